/**
 * Preloaded into Peerproof with `--expose-gc`: SIGUSR2 collects all garbage at once, so that resident memory is then
 * memory in use. When V8 collects by itself depends on the load of the machine.
 */
process.on('SIGUSR2', () => {
  for (let round = 0; round < 2; round++) globalThis.gc?.();
});
