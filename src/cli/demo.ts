import { type Command, printError } from './command.ts';

export const demoCommand: Command = {
  summary: 'Starts a real Envoy, an issuer and workloads, and shows what passes and what does not.',
  usage: ['demo [--keep]'],
  options: { '--keep': 'Leaves everything running, and prints how to ask it.' },
  notes: 'Works in a clone of the repository only.',
  async run(args) {
    const demo = await import(new URL('../../demo/main.ts', import.meta.url).href).catch((error) => {
      if (error.code === 'ERR_MODULE_NOT_FOUND' && /demo[/\\]main/.test(error.message)) return undefined;
      throw error;
    });
    if (demo) return demo.main(args);
    printError('the demo is not part of the package: clone the repository, then run npm ci && npm run demo');
    return 2;
  },
};
