import test from 'ava';
import { parseConfig, restoreConfig } from '../../src/config/load.ts';
import { ConfigError } from '../../src/config/problem.ts';
import { goodConfig, problemsOf } from '../support/config-problems.ts';

const text = (telemetry: string) => goodConfig({ more: `telemetry: ${telemetry}` });
const endpoint = 'endpoint: https://collector.example.com:4318';

test('telemetry – is off by default, and has bounds when it is on', (t) => {
  t.is(parseConfig(goodConfig(), 'x').config.telemetry, undefined);
  const { telemetry } = parseConfig(text(`{${endpoint}, traces: {}, metrics: {}}`), 'x').config;
  t.deepEqual(telemetry, {
    ...{ endpoint: 'https://collector.example.com:4318', headerFiles: {}, resource: {} },
    ...{ timeout: 10_000, allowInsecureHttp: false },
    traces: { sample: 0.01, maxPerSecond: 100 },
    metrics: { every: 60_000 },
  });
});

const wrong: Readonly<Record<string, readonly [telemetry: string, key: string, message: RegExp]>> = {
  'nothing to send': [`{${endpoint}}`, 'telemetry', /sends nothing/],
  'plain http to another host': [
    '{endpoint: "http://collector:4318", traces: {}}',
    'telemetry.endpoint',
    /must be https/,
  ],
  'an endpoint with a password': [
    '{endpoint: "https://a:b@collector", traces: {}}',
    'telemetry.endpoint',
    /without user/,
  ],
  'more than every check': [`{${endpoint}, traces: {sample: 2}}`, 'telemetry.traces.sample', /1/],
  'no spans at all': [`{${endpoint}, traces: {maxPerSecond: 0}}`, 'telemetry.traces.maxPerSecond', /1/],
  'an export in each moment': [`{${endpoint}, metrics: {every: 10ms}}`, 'telemetry.metrics.every', /1s/],
  'no time for an export': [`{${endpoint}, metrics: {}, timeout: 0s}`, 'telemetry.timeout', /0s/],
  'a header in capital letters': [
    `{${endpoint}, traces: {}, headerFiles: {Authorization: a}}`,
    'telemetry.headerFiles.Authorization',
    /lower case/,
  ],
  'a file that is missing': [
    `{${endpoint}, traces: {}, headerFiles: {authorization: missing}}`,
    'telemetry.headerFiles.authorization',
    /cannot be read/,
  ],
};

for (const [name, [telemetry, key, message]] of Object.entries(wrong))
  test(`telemetry – ${name} is refused`, (t) => {
    const [problem] = problemsOf(text(telemetry));
    t.is(problem?.key, key);
    t.regex(problem?.message ?? '', message);
  });

test('telemetry – plain http is a warning if it is allowed', (t) => {
  const allowed = '{endpoint: "http://collector:4318", traces: {}, allowInsecureHttp: true}';
  t.true(parseConfig(text(allowed), 'x').warnings.some((line) => line.startsWith('telemetry.allowInsecure')));
  t.deepEqual(problemsOf(text('{endpoint: "http://127.0.0.1:4318", traces: {}}')), []);
});

test('telemetry – a header is one line of ASCII, and its file belongs to the configuration', (t) => {
  const source = text(`{${endpoint}, traces: {}, headerFiles: {authorization: token}}`);
  const load = (content: string) =>
    restoreConfig({ file: 'x', text: source, files: new Map([['token', content]]) });
  const { version, watched } = load('Bearer a\n');
  t.not(load('Bearer b\n').version, version);
  t.is(watched.length, 1);
  for (const content of ['', 'a\nb', 'ä'])
    t.regex(t.throws(() => load(content), { instanceOf: ConfigError })?.message ?? '', /one line of ASCII/);
});
