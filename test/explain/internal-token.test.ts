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

test('explain – says that it does not look at revocations, where tokens can be revoked', async (t) => {
  const note = /whether it is revoked is not looked at here: peerproof revoke --list/;
  const { text: without } = await run(t, '{}');
  t.notRegex(without, note);
  const [list = ''] = writeFiles(t, '');
  const { text: report } = await run(t, '{}', {}, pemKey(), `revocation: {file: ${list}}\n`);
  t.regex(report, note);
});

test('explain – says why none is minted', async (t) => {
  const { text: report } = await run(t, '{}');
  t.regex(report, /x-internal is not set: no proxy states the destination/);
});
