import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Station } from './measure.ts';
import type { Row } from './rows.ts';
import type { Place } from './servers/server.ts';
import { markdown, percent } from './table.ts';

interface Frame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
}

interface Profile {
  readonly nodes: readonly { id: number; callFrame: Frame; children?: readonly number[] }[];
  /** Microseconds of the monotonic clock. */
  readonly startTime: number;
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/**
 * Whose a function is, by where it stands; the first that fits. What fits none (buffers, cryptography, native code)
 * belongs to its caller.
 */
const groups: readonly (readonly [name: string, place: RegExp])[] = [
  [
    'log',
    /node_modules\/(?:pino|sonic-boom)|src\/operate\/(?:decision-(?:log|writer|field)|json-line|block-writer|line-|log-|trace-id)/,
  ],
  ['metrics', /node_modules\/prom-client\/|src\/operate\/(?:metrics|decision-counts|durations|tally)/],
  ['ours', /^(?!.*node_modules).*\/(?:src|dist)\//],
  [
    'http2 and streams',
    /^node:(?:http2|events|net|internal\/(?:http2|streams|stream_base_commons|js_stream))/,
  ],
];

const top = 15;

/** Runs one row under the CPU profiler of V8 and says where its time went. Rates under it mean nothing. */
export async function profileRow(
  row: Row,
  place: Place,
  warmUp: number,
  milliseconds: number,
): Promise<string> {
  // With the setting of one core, the entry point need not start Node again: a signal of the profiler that
  // arrives in between ends the process.
  const setting = '--single-threaded';
  const options = [setting, '--cpu-prof', `--cpu-prof-dir=${place.directory}`, '--cpu-prof-interval=250'];
  const server = await row.start(place, options);
  let [began, ended] = [0, 0];
  try {
    const station = await Station.open(row, server);
    await station.warmUp(warmUp);
    began = Number(process.hrtime.bigint() / 1000n);
    await station.measure(milliseconds, 0);
    ended = Number(process.hrtime.bigint() / 1000n);
    station.close();
  } finally {
    await server.stop();
  }
  const file = readdirSync(place.directory).find((name) => name.endsWith('.cpuprofile')) ?? '';
  return report(JSON.parse(readFileSync(join(place.directory, file), 'utf8')) as Profile, began, ended);
}

/** Counts the samples between two moments: by group, by function alone, and by function with all that it calls. */
function report({ nodes, samples, timeDeltas, startTime }: Profile, from: number, to: number): string {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(
    nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)),
  );
  const [self, whole, share] = [
    new Map<string, number>(),
    new Map<string, number>(),
    new Map<string, number>(),
  ];
  let [now, total] = [startTime, 0];
  for (const [index, sample] of samples.entries()) {
    now += timeDeltas[index] ?? 0;
    const frame = byId.get(sample)?.callFrame;
    if (!frame || now < from || now > to || frame.functionName === '(idle)') continue;
    total++;
    const path = ancestry(sample);
    const group = groupOf(path);
    add(share, group);
    add(self, `${group}\0${label(frame)}`);
    for (const name of new Set(path.filter(isOurs).map(label))) add(whole, name);
  }
  const rows = (counts: ReadonlyMap<string, number>, most: number) =>
    [...counts]
      .toSorted(([, a], [, b]) => b - a)
      .slice(0, most)
      .map(([name, count]) => [...name.split('\0').toReversed(), percent1(count / total)]);
  return [
    `Known tokens under --cpu-prof, ${total} samples, idle ones left out.`,
    markdown(['group', 'share'], rows(share, groups.length + 2)),
    markdown(['function, itself', 'group', 'share'], rows(self, top)),
    markdown(['function of src/, with what it calls', 'share'], rows(whole, top)),
  ].join('\n\n');

  function ancestry(id: number): Frame[] {
    const frames: Frame[] = [];
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
      const frame = byId.get(at)?.callFrame;
      if (frame) frames.push(frame);
    }
    return frames;
  }
}

function groupOf(path: readonly Frame[]): string {
  if (path[0]?.functionName === '(garbage collector)') return 'GC';
  for (const { url } of path) {
    const group = url && groups.find(([, place]) => place.test(url))?.[0];
    if (group) return group;
  }
  return 'Node, the rest';
}

function isOurs({ url }: Frame): boolean {
  return !url.includes('node_modules') && /\/(?:src|dist)\//.test(url);
}

function label({ functionName, url, lineNumber }: Frame): string {
  const file = url.replace(/^.*\/node_modules\/|^.*\/(?=(?:src|dist)\/)/, '');
  return `${functionName || '(anonymous)'}${file ? ` ${file}:${lineNumber + 1}` : ''}`;
}

function add(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function percent1(share: number): string {
  return share < 0.1 ? `${(share * 100).toFixed(1)} %` : percent(share);
}
