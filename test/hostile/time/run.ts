import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { costOf } from './cpu.ts';
import { allRows, type Row } from './inputs.ts';
import { timeTable } from './table.ts';

/**
 * `node test/hostile/time/run.ts [--write] [WORD]`: measures one check for each input, at the largest size and in the worst
 * shape. `--write` writes docs/time-per-input.md.
 */
export interface Measured extends Row {
  readonly microseconds: number;
  readonly shape: string;
  readonly reason: string;
}

async function measure(row: Row): Promise<Measured> {
  let worst: Measured = { ...row, microseconds: 0, shape: '', reason: '' };
  for (const [shape, run] of row.cases()) {
    // Measuring stops early if another shape was worse.
    const microseconds = await costOf(run, Math.max(worst.microseconds, 50));
    if (microseconds > worst.microseconds) worst = { ...row, microseconds, shape, reason: await run() };
  }
  return worst;
}

const [word = ''] = process.argv.slice(2).filter((one) => one !== '--write');
const rows: Measured[] = [];
for (const row of allRows) {
  if (!`${row.door} ${row.input}`.includes(word)) continue;
  const one = await measure(row);
  rows.push(one);
  console.log(
    `${one.microseconds.toFixed(0).padStart(8)} µs  ${one.door} ${one.input} (${one.upTo}, token: ${one.token}): ${one.shape} → ${one.reason}`,
  );
}
if (process.argv.includes('--write') && word === '')
  writeFileSync(
    new URL('../../../docs/time-per-input.md', import.meta.url),
    timeTable(rows, {
      cores: availableParallelism(),
      node: process.version,
      date: new Date().toISOString().slice(0, 10),
    }),
  );
