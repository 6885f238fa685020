/** Keeps the revocations of a process fresh, from `start` to `stop`. */
export interface RevocationSource {
  /** Resolves after the first attempt. */
  start(): Promise<void>;
  stop(): void;
  /** Looks now, because something has changed. */
  look(): void;
  /** Why the last attempt failed. */
  state(): { readonly failure: string | undefined };
}
