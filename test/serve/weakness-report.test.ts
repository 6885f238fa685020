import test from 'ava';
import { createLineLog } from '../../src/operate/log-line.ts';
import { createWeaknessReport } from '../../src/serve/weakness-report.ts';

test('weak settings – each is logged once as long as it stays, and again when it comes back', (t) => {
  const lines: string[] = [];
  const report = createWeaknessReport(createLineLog({ write: (line: string) => lines.push(line) }));
  for (const warnings of [['a'], ['a', 'b'], ['b'], ['a', 'b']]) report(warnings);
  t.deepEqual(
    lines.map((line) => JSON.parse(line)).map(({ event, message }) => `${event} ${message}`),
    ['weak_setting a', 'weak_setting b', 'weak_setting a'],
  );
});
