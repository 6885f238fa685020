import assert from 'node:assert/strict';
import { join } from 'node:path';
import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { type LoadedConfig, parseConfig } from '../../../../src/config/load.ts';
import { ConfigError } from '../../../../src/config/problem.ts';
import { createCheck } from '../../../../src/core/check.ts';
import { noneUsed } from '../../../../src/core/used/used-proofs.ts';
import { createHttpSettings } from '../../../../src/http/settings.ts';
import { lint } from '../../../../src/lint/lint.ts';
import { createGeneration } from '../../../../src/serve/generation.ts';
import { Bulkheads } from '../../../../src/sources/bulkhead.ts';
import { evidenceFor, NOW } from '../../../support/check-world.ts';
import { createSigner } from '../../../support/jwt-signer.ts';
import { type Target, target } from '../campaign.ts';
import { documents, files, folderOfFiles, handwritten } from '../config-base.ts';
import { holdsOfDecision } from '../invariants.ts';
import { mutatedJson } from '../mutate-json.ts';
import { mutatedText } from '../mutate-text.ts';
import { jsonText, oddJson, oddNames } from '../odd.ts';

const file = join(folderOfFiles(), 'peerproof.yaml');
const nobody = createSigner('ES256').sign({
  iss: 'https://nobody.example',
  aud: 'orders',
  exp: NOW / 1000 + 60,
});

const values = fc.oneof(
  { weight: 2, arbitrary: oddJson },
  {
    weight: 3,
    arbitrary: fc.constantFrom<unknown>(
      ...oddNames,
      ...Object.keys(files),
      '..',
      '/dev/null',
      'none',
      'private_key_jwt',
      'tls_client_auth',
      'jwt-svid',
      'service-account',
      'kubernetes/serviceaccount',
      'tcp',
      'oauth2-proxy',
      '1s',
      '999999999h',
      '127.0.0.1:99999',
      'http://a.example',
      'https://[::1]:1/',
      'spiffe://a/*',
      'a.b',
      '**',
      '/a/*/b',
      "claims.a == 'x'",
      '((((((((((',
      null,
      true,
      {},
      [],
    ),
  },
);
const words = [
  '&a ',
  '*a',
  '*list',
  ', x: *corp',
  '<<: *corp',
  '! ',
  '!!binary ',
  '!!set ',
  '!!omap ',
  '? ',
  ': ',
  '- ',
  '  ',
  '\t',
  '\n',
  '|\n',
  '>-\n',
  '%YAML 1.1\n---\n',
  '---\n',
  '...\n',
  '{',
  '}',
  '[',
  ']',
  '[[[[[[[[[[',
  '"',
  "'",
  '#',
  '~',
  '.inf',
  '.nan',
  '0x7fffffffffffffffffffff',
  '2001-01-01',
  '__proto__: ',
  'constructor',
  'toString: ',
];

const texts = fc.oneof(
  {
    weight: 4,
    arbitrary: mutatedJson(fc.constantFrom(...documents), { values }).map(jsonText),
  },
  {
    weight: 3,
    arbitrary: mutatedText(
      fc.constantFrom(handwritten, ...documents.map((document) => stringify(document))),
      { words },
    ),
  },
);

/** A configuration or a ConfigError with every problem at its place; and what is whole can be put to work. */
async function isRead(text: string): Promise<string> {
  let loaded: LoadedConfig;
  try {
    loaded = parseConfig(text, file);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const lines = text.split(/\r\n|[\n\r]/).length;
    assert.ok(error.problems.length > 0);
    for (const problem of error.problems) {
      assert.equal(problem.file, file);
      assert.ok(
        Number.isInteger(problem.line) && problem.line >= 1 && problem.line <= lines,
        `line ${problem.line}`,
      );
      assert.equal(typeof problem.key, 'string');
      assert.ok(problem.message.length > 0 && problem.message !== 'undefined');
    }
    return 'problems';
  }
  keepsRestrictions(text, loaded);
  // It reads the text once more, for the lines.
  for (const { line } of text.length < 65_536 ? lint(loaded) : [])
    assert.ok(Number.isInteger(line) && line >= 1, `line ${line}`);
  await isServed(loaded);
  return 'read';
}

/** A rule that lost a restriction would allow requests that it must deny. */
function keepsRestrictions(text: string, { config }: LoadedConfig): void {
  // biome-ignore lint/suspicious/noExplicitAny: it was read, so it has the shape of a configuration
  const raw: any = parse(text, { maxAliasCount: 100, logLevel: 'silent' });
  const keys = (value: unknown) => Object.keys(value ?? {}).sort();
  for (const [index, { match, require }] of config.rules.entries()) {
    const written = raw.rules[index];
    assert.deepEqual(keys(require?.claims), keys(written.require?.claims), `claims of rule ${index}`);
    assert.deepEqual(keys(match.context), keys(written.match?.context), `context of rule ${index}`);
  }
  assert.deepEqual(keys(config.issuers), keys(raw.issuers));
  assert.deepEqual(keys(config.clients), keys(raw.clients));
  assert.deepEqual(keys(config.peers.trustDomains), keys(raw.peers?.trustDomains));
}

async function isServed(loaded: LoadedConfig): Promise<void> {
  const bulkheads = new Bulkheads(() => loaded.config.limits.waitingChecks);
  const { policy, sources } = createGeneration(loaded, {
    ...{ clock: () => NOW, bulkheads, usedProofs: noneUsed, report: () => {} },
  });
  try {
    createHttpSettings(loaded.config);
    assert.match(loaded.version, /^[0-9a-f]{12}$/);
    const decide = createCheck({
      stopwatch: () => performance.now(),
      policy: () => policy,
      observer: { started: () => {}, decided: () => {} },
      clock: () => NOW,
      newId: () => 'd-1',
      limits: () => loaded.config.limits,
    });
    // Nothing was started, and an issuer that is not configured is never asked.
    for (const presented of [
      { path: '/orders/7' },
      { path: '/orders/7', token: nobody },
      { path: '/healthz' },
    ]) {
      const evidence = evidenceFor(presented);
      const decision = await decide(evidence, 'grpc', Number.POSITIVE_INFINITY);
      holdsOfDecision(decision, evidence, policy.identity);
      assert.notEqual(decision.reason, 'allowed');
    }
  } finally {
    for (const source of sources) source.stop();
  }
}

export const configTarget: Target = target({
  name: 'config',
  inputs: texts,
  hold: isRead,
  reaches: ['read', 'problems'],
  // Read once, at start: a document of 200,000 characters may take its time, but not minutes.
  within: 4_000,
});
