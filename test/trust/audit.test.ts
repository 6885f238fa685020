import { readFileSync } from 'node:fs';
import test from 'ava';
import { judge } from '../../tools/trust/audit.ts';

const report = (severities: readonly string[]) =>
  JSON.stringify({
    auditReportVersion: 2,
    vulnerabilities: Object.fromEntries(
      severities.map((severity, n) => [`p${n}`, { name: `p${n}`, severity, range: '<1.0.0', via: [] }]),
    ),
  });

test('audit – nothing known is good, and says that it was asked', (t) => {
  t.deepEqual(judge(report([])), {
    answered: true,
    lines: ['audit: 0 packages with known weaknesses, 0 of high severity or worse'],
    exitCode: 0,
  });
});

test('audit – low and moderate are said and let pass', (t) => {
  const { exitCode, lines } = judge(report(['low', 'moderate']));
  t.is(exitCode, 0);
  t.deepEqual(lines.slice(0, 2), ['audit: moderate: p1 <1.0.0', 'audit: low: p0 <1.0.0']);
});

for (const severity of ['high', 'critical', 'catastrophic'])
  test(`audit – ${severity} fails the run, and stands first`, (t) => {
    const { exitCode, lines } = judge(report(['low', severity]));
    t.is(exitCode, 1);
    t.is(lines[0], `audit: ${severity}: p1 <1.0.0`);
  });

const noAnswers: [string, string][] = [
  ['nothing', ''],
  ['a page', '<html>'],
  ['an error', '{"message":"405 Method Not Allowed - POST https://registry.example/x","error":{}}'],
  ['a report without its list', '{"auditReportVersion":2}'],
  ['another version of reports', '{"auditReportVersion":3,"vulnerabilities":{}}'],
  ['null', 'null'],
];
for (const [title, output] of noAnswers)
  test(`audit – ${title} is not an answer: it is reported, never counted as good, and names no host`, (t) => {
    const { answered, exitCode, lines } = judge(output);
    t.false(answered);
    t.is(exitCode, 0);
    t.regex(lines.join('\n'), /NO ANSWER[\s\S]*not a good result/);
    t.notRegex(lines.join('\n'), /registry\.example|https?:/);
  });

test('audit – it is a step of the run that each submission must pass', (t) => {
  t.regex(readFileSync(new URL('../../.ci/run', import.meta.url), 'utf8'), /npm run --silent audit/);
});
