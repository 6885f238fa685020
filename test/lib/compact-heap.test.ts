import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { compactHeap } from '../../src/lib/compact-heap.ts';
import { finalStage } from '../../tools/image/dockerfile.ts';

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));

test('compact heap – a heap that a start has made large is collected with all of its pages', (t) => {
  const asked: unknown[] = [];
  const collect = ((options: unknown) => void asked.push(options)) as NodeJS.GCFunction;
  compactHeap(collect, 100_000_000);
  t.deepEqual(asked, [{ type: 'major', execution: 'sync', flavor: 'last-resort' }]);
});

test('compact heap – a usual heap is left alone, and so is one that V8 does not let us collect', (t) => {
  const never = (() => t.fail()) as unknown as NodeJS.GCFunction;
  t.notThrows(() => compactHeap(never, 30_000_000));
  t.notThrows(() => compactHeap(undefined, 100_000_000));
});

test('compact heap – with the settings of the image, half-empty pages are given back', (t) => {
  const [, ...words] = finalStage(readFileSync(path('Dockerfile'), 'utf8')).entryPoint;
  const program = `
    const { compactHeap } = await import(${JSON.stringify(path('src/lib/compact-heap.ts'))});
    let kept = Array.from({ length: 800_000 }, (_, n) => ({ n }));
    globalThis.few = kept.filter((_, n) => n % 100 === 0);
    kept = undefined;
    const before = process.memoryUsage().heapTotal;
    compactHeap();
    console.log(JSON.stringify([before, process.memoryUsage().heapTotal]));`;
  const args = [...words.slice(0, -1), '--input-type=module', '--eval', program];
  const [before, after] = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }));
  t.true(before > 40_000_000, `${before}`);
  t.true(after < 0.6 * before, `${before} ${after}`);
});
