const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** For what is still being started when the signal comes, such as a download. */
const graceMs = 3_000;

/** Ctrl-C, another signal to end, or a closed output. */
export interface Interruption {
  readonly raised: Promise<void>;
  /** Restores the default effect of signals. */
  ignore(): void;
}

/** Listens for them. The first signal is for an orderly end; a second one, or three seconds more, end the process. */
export function watchSignals(): Interruption {
  const { promise, resolve } = Promise.withResolvers<void>();
  let raised = false;
  const onSignal = () => {
    if (raised) process.exit(130);
    raised = true;
    setTimeout(() => process.exit(130), graceMs).unref();
    resolve();
  };
  for (const signal of signals) process.on(signal, onSignal);
  // With `| head` each unread line is an error, which must not interrupt the end.
  process.stdout.on('error', () => resolve());
  return {
    raised: promise,
    ignore() {
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}
