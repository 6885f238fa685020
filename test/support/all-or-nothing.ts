/** What ends a started part. It is called in the reverse order. */
export type Cleanups = (() => unknown)[];

/**
 * Starts parts that belong together. If one fails, those that were started are ended again.
 * @param build adds what ends a part when the part is started
 */
export async function startAllOrNothing<Parts>(
  build: (cleanups: Cleanups) => Promise<Parts>,
): Promise<Parts & { stop(): Promise<void> }> {
  const cleanups: Cleanups = [];
  const stop = async (): Promise<void> => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  };
  try {
    return { ...(await build(cleanups)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
