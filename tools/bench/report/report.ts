import { cpus } from 'node:os';
import type { Cores } from '../cores.ts';
import { inFlight } from '../load/generator.ts';
import type { Settings } from '../settings.ts';
import { goalsTable } from './goals.ts';
import { latencyTable, memoryTable, startTable } from './more-tables.ts';
import type { Results } from './results.ts';
import { rowsTable } from './rows-table.ts';

/** How a run was made. */
export interface Circumstances {
  readonly settings: Settings;
  readonly cores: Cores | undefined;
  readonly commit: string;
  readonly against: string | undefined;
  /** Of the machine, before the run. */
  readonly loadBefore: number;
}

/** Everything that a run measured, as sections in Markdown. */
export function sections(results: Results, circumstances: Circumstances): readonly string[] {
  const { latency, memory, start, rows } = results.parts;
  const lost = results.lostLines();
  // Cold code says nothing about goals.
  const goals = circumstances.settings.short ? undefined : goalsTable(results, circumstances.against);
  return [
    conditions(circumstances),
    ...(rows.length > 0 ? [rowsTable(results)] : []),
    ...(lost > 0 ? [`**Decision logs are short of ${lost} lines.**`] : []),
    ...(latency ? [latencyTable(latency)] : []),
    ...(memory ? [memoryTable(memory)] : []),
    ...(start ? [startTable(start)] : []),
    ...(goals ? [`## Goals\n\n${goals}`] : []),
  ];
}

function conditions({ settings, cores, commit, against, loadBefore }: Circumstances): string {
  const { rounds, milliseconds, warmUp } = settings;
  const day = new Date().toISOString().slice(0, 10);
  const pinned = cores
    ? 'The server has one core and the generator another.'
    : '**Not pinned to cores**: `taskset` or a second core is missing, so servers may have used more than one.';
  const older = against ? ` Rows that begin with \`${against}\` are of that checkout.` : '';
  return `${day}, commit ${commit}, Node ${process.versions.node}, ${cpus()[0]?.model ?? 'unknown processor'}. ${pinned}
Medians of ${rounds} rounds of ${milliseconds / 1000} s for each row, after ${warmUp.toLocaleString('en')} checks. Rows that are compared take turns of 100 ms. ${inFlight} checks in flight. The load of the machine before the run was ${loadBefore.toFixed(1)}.${older}`;
}
