import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { explain } from '../../src/explain/command.ts';

const folder = mkdtempSync(join(tmpdir(), 'explain-'));
test.after.always(() => rmSync(folder, { recursive: true }));

const configuration = `# Orders
issuers:
  login:
    issuer: https://login.example.com
    audiences: [orders]   # ours
peers:
  trustDomains: {cluster.local: {}}
clients:
  shop: [spiffe://cluster.local/ns/web/sa/shop]
rules:
- {name: orders, match: {hosts: [orders.example.com]}}
`;

const line = {
  time: '2026-11-27T13:00:00.000Z',
  decision_id: '6f1c9a04-52c3-4d1e-9f0b-0d1b7f5c2a11',
  effect: 'deny',
  reason: 'token_audience_mismatch',
  rule: 'orders',
  subject: 'alice',
  issuer: 'https://login.example.com',
  client_id: 'shop',
  spiffe_id: 'spiffe://cluster.local/ns/web/sa/shop',
  detail: 'aud ["billing"], and the issuer login accepts ["orders"]',
  door: 'grpc',
  method: 'GET',
  host: 'orders.example.com',
  path: '/orders/7',
  peer_from: 'attribute',
  token_kind: 'access-token',
  alg: 'ES256',
  kid: '2026-11',
};

test('explain – docs/troubleshooting.md shows what the command prints', async (t) => {
  const config = join(folder, 'peerproof.yaml');
  writeFileSync(config, configuration);
  const { text } = await explain({ config, line: JSON.stringify(line) }, false);
  const page = readFileSync(join(import.meta.dirname, '../../docs/troubleshooting.md'), 'utf8');
  const [, shown] = /\n```\n(denied: token_audience_mismatch.*?)\n```\n/s.exec(page) ?? [];
  t.is(shown, text.trimEnd().replaceAll(config, 'peerproof.yaml'));
});
