import { writeFileSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { explain } from '../../src/explain/command.ts';
import { NOW } from '../support/check-world.ts';
import { OWN_ISSUER, pemKey, writeFiles } from '../support/internal-token.ts';
import { goodClaims } from '../support/token-fixture.ts';
import { corp, text, workloads } from './reason-world.ts';

const { shop } = workloads;
const token = corp.sign(goodClaims({ client_id: 'shop', scope: 'orders.read' }));

async function run(
  t: ExecutionContext,
  audiences: string,
  more: object = {},
  keyText = pemKey(),
  settings = '',
) {
  const [key = '', config = '', cert = ''] = writeFiles(t, keyText, '', `${shop.certPem}${shop.keyPem}`);
  const own = `identity: {token: {issuer: "${OWN_ISSUER}", keyFiles: [${key}], header: x-internal, audiences: ${audiences}}}`;
  writeFileSync(config, `${own}\n${settings}${text}`);
  const now = new Date(NOW).toISOString();
  const base = { config, now, host: 'orders.example.com', path: '/orders/7', cert: `@${cert}`, token };
  return explain({ ...base, ...more }, false);
}

test('explain – says what the internal token says, and never shows it', async (t) => {
  for (const showSecrets of [false, true]) {
    const { exitCode, text: report } = await run(t, '{orders.example.com: orders}', {
      'show-secrets': showSecrets,
    });
    t.is(exitCode, 0, report);
    t.regex(
      report,
      /x-internal says \{"iss":"https:\/\/peerproof\.example\.com","aud":"orders","sub":"alice"/,
    );
    t.regex(report, /"bound_by":"workload"/);
    t.regex(report, /x-internal: eyJ…\(\d+ characters, sha256 [0-9a-f]{8}\)/);
  }
});

test('explain – looks at revocations in a file, and says that it does not look at those of a store', async (t) => {
  const note = /whether the token is revoked was not looked at, .*: peerproof revoke --list/;
  const told = async (settings: string) => (await run(t, '{}', {}, pemKey(), settings)).text;
  t.notRegex(await told(''), note);
  const until = new Date(NOW + 60_000).toISOString();
  const entry = { kind: 'client', value: 'shop', until, by: 'a test' };
  const [none = '', list = ''] = writeFiles(t, '', `${JSON.stringify(entry)}\n`);
  t.notRegex(await told(`revocation: {file: ${none}}\n`), /revoked/);
  t.regex(await told(`revocation: {file: ${list}}\n`), /token_revoked/);
  t.regex(await told('store: {redis: {address: "127.0.0.1:1"}}\nrevocation: {}\n'), note);
});

test('explain – says why none is minted', async (t) => {
  const { text: report } = await run(t, '{}');
  t.regex(report, /x-internal is not set: no proxy states the destination/);
});
