/**
 * Preloaded into Peerproof with `--expose-gc`: SIGUSR2 collects all garbage at once, so that what is resident then is what
 * is held. When V8 does that by itself depends on how much processor others leave it.
 */
process.on('SIGUSR2', () => {
  for (let round = 0; round < 2; round++) globalThis.gc?.();
});
