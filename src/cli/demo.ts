import { type Command, printError } from './command.ts';

export const demoCommand: Command = {
  summary:
    'Starts a real Envoy, an issuer and workloads, and shows which requests pass and which are refused.',
  usage: ['demo [--keep]'],
  options: { '--keep': 'Keeps everything running, and prints commands to try it by hand.' },
  notes: 'Works only in a clone of the repository.',
  exitCodes: {
    0: 'Each request had the expected answer.',
    1: 'An answer was another one.',
    2: 'The arguments are wrong, or this is not a clone.',
    130: 'It was interrupted before the last answer.',
  },
  examples: {
    'peerproof demo': 'Shows every request and its answer, and ends.',
    'peerproof demo --keep': 'Keeps everything running until ^C.',
    'npm ci && npm run demo': 'Does the same as the first line in a fresh clone.',
  },
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
