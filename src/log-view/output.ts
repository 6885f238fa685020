/** Where lines are shown. */
export interface Output {
  /**
   * Writes a text and waits until it is written, so a slow reader slows the reading, and loses nothing.
   * @returns whether anybody reads on
   * @throws if the text cannot be written for another reason, such as a full disk
   */
  write(text: string): Promise<boolean>;
}

export function createOutput(stream: NodeJS.WritableStream): Output {
  // Each write learns of its own failure. Without a listener the process would end.
  stream.on('error', () => undefined);
  return {
    write(text) {
      const { promise, resolve, reject } = Promise.withResolvers<boolean>();
      stream.write(text, (error?: Error | null) => {
        if (!error) resolve(true);
        else if (isGone(error)) resolve(false);
        else reject(error);
      });
      return promise;
    },
  };
}

/** Whether it was thrown because the output cannot be written. */
export function isOfOutput(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && (error as NodeJS.ErrnoException).syscall === 'write';
}

function isGone({ code }: NodeJS.ErrnoException): boolean {
  return code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED';
}
