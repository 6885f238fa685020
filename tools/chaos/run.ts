/**
 * `npm run test:chaos [-- --only TEXT] [--one-of PARTS --seed SEED]`: causes faults around Peerproof, while a real Envoy
 * sends it steady checks. Prints a table in Markdown. Exit code 1 if a request was wrongly allowed, or another expectation
 * was not met; 2 for misuse, or without an Envoy. With a seed, a part of the faults: each seed chooses others.
 */
import { parseArgs } from 'node:util';
import { envoyUnavailableReason, findEnvoy } from '../../test/support/envoy-binary.ts';
import { partOptions, readPart } from '../chosen-part.ts';
import { playAll } from './play-all.ts';
import { failuresOf, notesOf, outcomesTable } from './report.ts';
import { scenarios } from './scenarios.ts';

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

// Ends even if a request is still open.
process.exit(
  await main().catch((error: unknown) => {
    console.error(String(error instanceof Error ? error.stack : error));
    return 1;
  }),
);

async function main(): Promise<number> {
  const isChosen = readChoice();
  if (isChosen === undefined) return 2;
  if ((await findEnvoy()) === undefined) {
    console.error(`no Envoy on this machine: ${envoyUnavailableReason()}`);
    return 2;
  }
  const began = performance.now();
  const { outcomes, broken } = await playAll(scenarios.filter(({ name }) => isChosen(name)));
  const requests = outcomes.reduce((sum, { samples }) => sum + samples.length, 0);
  console.log(
    `${outcomes.length} of ${scenarios.length} faults in ${Math.round((performance.now() - began) / 1000)} s, ${requests} requests from their beginning on. Every request goes through Envoy and tries to be somebody else; half of them where \`failure_mode_allow\` is true, and ten of fourteen are of somebody who must not be let in.\n`,
  );
  console.log(outcomesTable(outcomes));
  for (const note of notesOf(outcomes)) console.log(`\n- ${note}`);
  const failures = [...failuresOf(outcomes), ...broken];
  if (failures.length > 0)
    console.log(`\n**Not as it must be:**\n\n${failures.map((text) => `- ${text}`).join('\n')}`);
  return failures.length > 0 || outcomes.length === 0 ? 1 : 0;
}

/** Whether a scenario is to be played, by its name. Undefined, with a message, if the command line is wrong. */
function readChoice(): ((name: string) => boolean) | undefined {
  try {
    const { values } = parseArgs({ options: { only: { type: 'string', default: '' }, ...partOptions } });
    const isInPart = readPart(values);
    return (name) => name.includes(values.only) && isInPart(name);
  } catch (error) {
    console.error(
      `${(error as Error).message}\nnpm run test:chaos [-- --only TEXT] [--one-of PARTS --seed SEED]`,
    );
    return undefined;
  }
}
