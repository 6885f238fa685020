import { Ajv } from 'ajv';
import test from 'ava';
import fc from 'fast-check';
import { checks } from '../../src/lint/checks.ts';
import type { Finding } from '../../src/lint/finding.ts';
import { formats } from '../../src/lint/formats.ts';
import type { Validation } from '../../src/lint/validation.ts';

const finding = (more: Partial<Finding> = {}): Finding => ({
  check: 'open-port',
  severity: 'warning',
  file: 'a.yaml',
  line: 3,
  key: 'listen.grpc',
  message: 'is open',
  ...more,
});
const report = (more: Partial<Validation> = {}): Validation => ({
  file: 'a.yaml',
  findings: [
    finding({ check: 'same-port', severity: 'error', line: 1, key: '' }),
    finding(),
    finding({ severity: 'note' }),
  ],
  valid: 'valid: 1 rules',
  ...more,
});

test('text – errors are apart, and the other findings name their check', (t) => {
  t.deepEqual(formats.text(report()), {
    out: 'a.yaml:3: warning: listen.grpc: is open [open-port]\na.yaml:3: note: listen.grpc: is open [open-port]\na.yaml: valid: 1 rules',
    error: 'a.yaml:1: is open',
  });
});

test('github – each line is a command, with what GitHub calls the severities', (t) => {
  t.is(
    formats.github(report()).out,
    `::error file=a.yaml,line=1,title=same-port::is open
::warning file=a.yaml,line=3,title=open-port::listen.grpc: is open
::notice file=a.yaml,line=3,title=open-port::listen.grpc: is open
::notice title=peerproof validate::a.yaml: valid: 1 rules`,
  );
  t.is(
    formats.github(
      report({
        findings: [finding({ file: 'a,b:%\n::x', message: '100%\r\n::error::x' })],
        valid: undefined,
      }),
    ).out,
    '::warning file=a%2Cb%3A%25%0A%3A%3Ax,line=3,title=open-port::listen.grpc: 100%25%0D%0A::error::x',
  );
});

test('json – it is the list of findings', (t) => {
  t.deepEqual(JSON.parse(formats.json(report()).out), report().findings);
  t.is(formats.json(report({ findings: [] })).out, '[]');
});

const text = { type: 'string', minLength: 1 };
const only = (properties: object, required: readonly string[]) => ({
  type: 'object',
  additionalProperties: false,
  properties,
  required,
});
const level = { enum: ['none', 'note', 'warning', 'error'] };
const message = only({ text, markdown: text }, ['text']);
/** The part of the schema of SARIF 2.1.0 that the log uses (§3.13 to §3.52), without any other property. */
const sarifSchema = only(
  {
    $schema: { type: 'string', format: 'uri' },
    version: { const: '2.1.0' },
    runs: {
      type: 'array',
      items: only(
        {
          tool: only(
            {
              driver: only(
                {
                  name: text,
                  rules: {
                    type: 'array',
                    uniqueItems: true,
                    items: only(
                      {
                        id: text,
                        shortDescription: message,
                        help: message,
                        defaultConfiguration: only({ level }, []),
                      },
                      ['id'],
                    ),
                  },
                },
                ['name'],
              ),
            },
            ['driver'],
          ),
          results: {
            type: 'array',
            items: only(
              {
                ruleId: text,
                ruleIndex: { type: 'integer', minimum: 0 },
                level,
                message,
                locations: {
                  type: 'array',
                  items: only(
                    {
                      physicalLocation: only(
                        {
                          artifactLocation: only({ uri: { type: 'string', format: 'uri-reference' } }, [
                            'uri',
                          ]),
                          region: only({ startLine: { type: 'integer', minimum: 1 } }, ['startLine']),
                        },
                        ['artifactLocation'],
                      ),
                      logicalLocations: { type: 'array', items: only({ fullyQualifiedName: text }, []) },
                    },
                    [],
                  ),
                },
              },
              ['message'],
            ),
          },
          properties: { type: 'object' },
        },
        ['tool'],
      ),
    },
  },
  ['version', 'runs'],
);
/** RFC 3986 §2: what may stand in a URI reference. */
const uriReference = /^(?:[A-Za-z0-9._~:/?#[\]@!$&'()*+,;=-]|%[0-9A-F]{2})*$/;
const isSarif = new Ajv({ formats: { uri: uriReference, 'uri-reference': uriReference } }).compile(
  sarifSchema,
);

test('sarif – it follows SARIF 2.1.0, and explains each check', (t) => {
  const log = JSON.parse(formats.sarif(report()).out);
  t.true(isSarif(log), JSON.stringify(isSarif.errors));
  const [{ tool, results }] = log.runs;
  t.is(tool.driver.rules.length, Object.keys(checks).length);
  t.is(tool.driver.rules[results[1].ruleIndex].id, 'open-port');
  t.deepEqual(results[1].locations[0], {
    physicalLocation: { artifactLocation: { uri: 'a.yaml' }, region: { startLine: 3 } },
    logicalLocations: [{ fullyQualifiedName: 'listen.grpc' }],
  });
});

for (const [file, uri] of [
  ['a b/ü.yaml', 'a%20b/%C3%BC.yaml'],
  ['http://x', 'http%3A//x'],
  ['../a#b?c', '../a%23b%3Fc'],
  ['/a b.yaml', 'file:///a%20b.yaml'],
  ['\ud800', '%EF%BF%BD'],
] as const)
  test(`sarif – the file ${JSON.stringify(file)} is ${uri}`, (t) => {
    const log = JSON.parse(formats.sarif(report({ findings: [finding({ file })] })).out);
    t.is(log.runs[0].results[0].locations[0].physicalLocation.artifactLocation.uri, uri);
    t.true(isSarif(log), JSON.stringify(isSarif.errors));
  });

const hostile = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1 }),
  fc.constantFrom(
    '\n::error::x',
    '\u001b[2J',
    '\u2028x',
    '%0A',
    '##[error]x',
    '\u202e',
    '"}]',
    'a: b: c\r\n',
  ),
);

test('formats – no name, key or message can add a line or break a format', (t) => {
  fc.assert(
    fc.property(hostile, hostile, hostile, (file, key, said) => {
      const hostileReport = report({ file, findings: [finding({ file, key, message: said })], valid: said });
      for (const name of ['text', 'github'] as const) {
        const { out, error } = formats[name](hostileReport);
        t.is(out.split('\n').length, 2);
        t.is(error, '');
        t.notRegex(out.replaceAll('\n', ''), /[\p{Cc}\u2028\u2029\u202e]/u);
        if (name === 'github') t.true(out.split('\n').every((line) => /^::(?:warning|notice) /.test(line)));
      }
      t.deepEqual(JSON.parse(formats.json(hostileReport).out), hostileReport.findings);
      t.true(isSarif(JSON.parse(formats.sarif(hostileReport).out)), JSON.stringify(isSarif.errors));
    }),
    { numRuns: 200 },
  );
});
