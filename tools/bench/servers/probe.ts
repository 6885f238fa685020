/** Loaded into a server under load with `--import`: writes what V8 has allocated when SIGUSR2 arrives. Costs nothing else. */
import { renameSync, writeFileSync } from 'node:fs';
import { getHeapStatistics } from 'node:v8';

const file = process.env.BENCH_PROBE ?? '';
let asked = 0;

process.on('SIGUSR2', () => {
  const { total_allocated_bytes: allocated } = getHeapStatistics();
  writeFileSync(`${file}.new`, JSON.stringify({ asked: ++asked, allocated }));
  renameSync(`${file}.new`, file);
});
