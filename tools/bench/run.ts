/** `npm run bench`: what a check costs. `--help` lists the options. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { Material } from './checks/material.ts';
import { compareRow } from './compare.ts';
import { becomeSingleThreaded, findCores, moveTo } from './cores.ts';
import { measureFamilies } from './families.ts';
import { measureMemory } from './memory.ts';
import { buildPackage } from './package.ts';
import { profileRow } from './profile.ts';
import { writePage } from './report/page.ts';
import { sections } from './report/report.ts';
import { Results } from './report/results.ts';
import { allRows, bareHttp2, grpcJs, grpcKnown, type Row } from './rows.ts';
import { startCollector } from './servers/collector.ts';
import { startIntrospection } from './servers/introspection.ts';
import { ownCheckout, type Place } from './servers/server.ts';
import { readSettings, type Settings } from './settings.ts';
import { measureStart } from './start.ts';

becomeSingleThreaded();
const directory = mkdtempSync(join(tmpdir(), 'peerproof-bench-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

const settings = readSettings(process.argv.slice(2));
process.exitCode = typeof settings === 'number' ? settings : await main(settings).catch(fail);
// A connection of a run that failed may be open.
process.exit();

function fail(error: unknown): number {
  console.error(String(error instanceof Error ? error.stack : error));
  process.exitCode = 1;
  return 1;
}

async function main(settings: Settings): Promise<number> {
  const loadBefore = loadavg()[0] ?? 0;
  const cores = findCores();
  if (cores) moveTo(cores.generator);
  const place: Place = { directory, core: cores?.server };
  const material = await Material.create();
  const introspection = await startIntrospection((token) => material.introspect(token));
  const collector = await startCollector();
  const against = settings.against ? resolve(settings.against) : undefined;
  const rows = allRows({
    material,
    top: ownCheckout,
    introspection: introspection.url,
    collector: collector.url,
    against: against ? { top: against, name: basename(against) } : undefined,
  });
  if (settings.profile) {
    const known = rows.find(({ name }) => name === grpcKnown) as Row;
    console.log(await profileRow(known, place, settings.warmUp, settings.milliseconds));
    return 0;
  }
  const compared = settings.compare ? [await compareRow(settings.compare, material)] : [];
  const results = await measure([...chosen(rows, settings), ...compared], settings, material, place);
  const commit = execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8' }).trim();
  const circumstances = { settings, cores, commit, against: against && basename(against), loadBefore };
  console.log(sections(results, circumstances).join('\n\n'));
  if (settings.write) writePage(results, circumstances);
  return 0;
}

async function measure(
  rows: readonly Row[],
  settings: Settings,
  material: Material,
  place: Place,
): Promise<Results> {
  const { short } = settings;
  const measured = await measureFamilies(rows, place, settings, wants('latency', settings));
  const packaged =
    wants('memory', settings) || wants('start', settings) ? buildPackage(ownCheckout, directory) : '';
  const start = wants('start', settings) && {
    start: await measureStart(packaged, material, place, short ? 1 : 7),
  };
  const memory = wants('memory', settings) && {
    memory: await measureMemory(packaged, material, place, {
      tokens: short ? 4_000 : 1_000_000,
      rest: short ? 300 : 3_000,
    }),
  };
  return new Results({ ...measured, ...memory, ...start });
}

/** The rows that were asked for, and those that latency needs. */
function chosen(rows: readonly Row[], settings: Settings): readonly Row[] {
  const needed = settings.only.length > 0 && wants('latency', settings) ? [grpcKnown, bareHttp2, grpcJs] : [];
  return rows.filter(({ name }) => wants(name, settings) || needed.includes(name));
}

function wants(name: string, { only }: Settings): boolean {
  return only.length === 0 || only.some((word) => name.toLowerCase().includes(word.toLowerCase()));
}
