import type { OpenConsole } from '../serve/console-source.ts';

/** Makes the door to the console. Loads the console with the first request that is permitted to have one. */
export const openConsole: OpenConsole = (source) => {
  let loading: Promise<typeof import('../console/console.ts')['createConsole']> | undefined;
  let answer: ReturnType<Awaited<NonNullable<typeof loading>>> | undefined;
  return {
    isOpen: () => source.access().to !== 'nobody',
    async answer(exchange) {
      loading ??= import('../console/console.ts').then(({ createConsole }) => createConsole);
      const createConsole = await loading;
      answer ??= createConsole(source);
      await answer(exchange);
    },
  };
};
