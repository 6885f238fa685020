/**
 * `npm run test:chaos [-- --only TEXT] [--seconds NUMBER --seed TEXT]`: causes faults around Peerproof, while a real Envoy
 * sends it steady checks. Prints a table in Markdown. Exit code 1 if a request was wrongly allowed, or another expectation
 * was not met; 2 for misuse, or without an Envoy. With a time, as many faults as fit.
 */
import { parseArgs } from 'node:util';
import { envoyUnavailableReason, findEnvoy } from '../../test/support/envoy-binary.ts';
import { readTimeBox, type TimeBoxOptions, timeBoxFlags } from '../time-box.ts';
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
  const chosen = readChosen();
  if (chosen === undefined) return 2;
  if ((await findEnvoy()) === undefined) {
    console.error(`no Envoy on this machine: ${envoyUnavailableReason()}`);
    return 2;
  }
  const began = performance.now();
  const { outcomes, broken, left } = await playAll(
    scenarios.filter(({ name }) => name.includes(chosen.only)),
    chosen.time,
  );
  const requests = outcomes.reduce((sum, { samples }) => sum + samples.length, 0);
  console.log(
    `${outcomes.length} faults in ${Math.round((performance.now() - began) / 1000)} s, ${requests} requests from their beginning on. Every request goes through Envoy and tries to be somebody else; half of them where \`failure_mode_allow\` is true, and ten of fourteen are of somebody who must not be let in.\n`,
  );
  console.log(outcomesTable(outcomes));
  for (const note of notesOf(outcomes)) console.log(`\n- ${note}`);
  if (left.length > 0) console.log(`\nNo time was left for: ${left.join(', ')}.`);
  const failures = [...failuresOf(outcomes), ...broken];
  if (failures.length > 0)
    console.log(`\n**Not as it must be:**\n\n${failures.map((text) => `- ${text}`).join('\n')}`);
  return failures.length > 0 || outcomes.length === 0 ? 1 : 0;
}

interface Chosen {
  /** A part of the names of the scenarios to play. */
  readonly only: string;
  readonly time: TimeBoxOptions | undefined;
}

/** Undefined, with a message, if the command line is wrong. */
function readChosen(): Chosen | undefined {
  try {
    const { values } = parseArgs({ options: { only: { type: 'string', default: '' }, ...timeBoxFlags } });
    return { only: values.only, time: readTimeBox(values) };
  } catch (error) {
    console.error(
      `${(error as Error).message}\nnpm run test:chaos [-- --only TEXT] [--seconds NUMBER --seed TEXT]`,
    );
    return undefined;
  }
}
