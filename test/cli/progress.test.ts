import test from 'ava';
import { startProgress } from '../../src/cli/progress.ts';

function terminal(isTTY: boolean) {
  const written: string[] = [];
  return { written, isTTY, write: (text: string) => written.push(text) > 0 };
}

test('progress – a terminal sees how far long work is, ten times a second, and nothing at its end', (t) => {
  let now = 0;
  const output = terminal(true);
  const progress = startProgress('changes', output, () => now);
  progress.step(1);
  t.deepEqual(output.written, []);
  now = 700;
  progress.step(2);
  progress.step(3);
  now = 800;
  progress.step(4, 9);
  progress.end();
  now = 5_000;
  progress.step(5);
  t.deepEqual(output.written, ['\r\x1b[Kchanges: 2 …', '\r\x1b[Kchanges: 4 of 9 …', '\r\x1b[K']);
});

test('progress – short work, a file and a pipe get nothing', (t) => {
  let now = 0;
  const short = terminal(true);
  startProgress('changes', short, () => now).end();
  const pipe = terminal(false);
  const progress = startProgress('changes', pipe, () => now);
  now = 5_000;
  progress.step(1);
  progress.end();
  t.deepEqual([...short.written, ...pipe.written], []);
});
