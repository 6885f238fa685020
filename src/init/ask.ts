import { createInterface } from 'node:readline/promises';
import { didYouMean } from '../lib/nearest.ts';
import { visible } from '../lib/visible.ts';
import { type FirstAnswers, isPlatform, platforms } from './answers.ts';
import { checkAnswers } from './check.ts';

/** What is known already. Only the rest is asked for. */
export type KnownAnswers = Partial<FirstAnswers> & Pick<FirstAnswers, 'trustDomain' | 'workload'>;

export interface Terminal {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

/** Stands for answers that are not there yet, so that one can be checked alone. */
const others: FirstAnswers = {
  platform: 'envoy',
  issuer: 'https://login.example.com',
  audiences: ['orders'],
  trustDomain: undefined,
  workload: undefined,
};

/**
 * Asks for the proxy, the issuer and the audience, unless they are known. An answer that cannot be used is
 * asked for again. @returns undefined if the terminal ended before the last answer
 */
export async function askFor(
  known: KnownAnswers,
  { input, output }: Terminal,
): Promise<FirstAnswers | undefined> {
  const lines = createInterface({ input, output, terminal: true });
  const ended = new Promise<undefined>((resolve) => lines.once('close', () => resolve(undefined)));
  let answers: Partial<FirstAnswers> = known;
  try {
    for (const { name, question, read } of questions) {
      while (answers[name] === undefined) {
        const asked = lines.question(question).catch(() => undefined);
        const said = (await Promise.race([asked, ended]))?.trim();
        if (said === undefined) return undefined;
        const answer = read(said);
        if (typeof answer === 'string') output.write(`  ${visible(answer)}\n`);
        else answers = { ...answers, ...answer };
      }
    }
    return answers as FirstAnswers;
  } finally {
    lines.close();
  }
}

interface Question {
  readonly name: keyof FirstAnswers;
  readonly question: string;
  /** The answer, or why it cannot be used. */
  readonly read: (said: string) => Partial<FirstAnswers> | string;
}

const questions: readonly Question[] = [
  {
    name: 'platform',
    question: `Which proxy asks Peerproof? (${platforms.join(', ')}) `,
    read: (said) =>
      isPlatform(said)
        ? { platform: said }
        : `must be one of ${platforms.join(', ')}${didYouMean(said, platforms)}`,
  },
  {
    name: 'issuer',
    question: 'Which URL has the issuer of your tokens? (such as https://login.example.com) ',
    read: (issuer) => unlessWrong({ issuer }),
  },
  {
    name: 'audiences',
    question: 'Which audience do the tokens name? (such as orders) ',
    read: (said) => unlessWrong({ audiences: said === '' ? [] : [said] }),
  },
];

function unlessWrong(answer: Partial<FirstAnswers>): Partial<FirstAnswers> | string {
  const [problem] = checkAnswers({ ...others, ...answer });
  return problem?.message ?? answer;
}
