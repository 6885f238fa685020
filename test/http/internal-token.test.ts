import test, { type ExecutionContext } from 'ava';
import { minting, partsOf, pemKey, writeFiles } from '../support/internal-token.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { startPeerproof } from '../support/peerproof.ts';

/** Over HTTP no proxy states the destination, unless it writes x-forwarded-client-cert: the host has a name. */

const HEADER = 'x-peerproof-token';
const signer = createSigner('ES256');

async function open(t: ExecutionContext) {
  const peerproof = await startPeerproof({
    identity: minting(writeFiles(t, pemKey()), { audiences: { 'orders.example.com': 'orders' } }),
    http: {
      pathPrefix: '/check',
      forwardAuth: [{ path: '/auth', proxies: ['127.0.0.1'], original: 'x-original' }],
    },
    issuers: {
      corp: {
        issuer: 'https://login.example.com',
        audiences: ['orders'],
        jwks: { keys: [signer.publicJwk] },
      },
    },
    rules: [
      { name: 'public', match: { paths: ['/public'] }, public: true },
      { name: 'orders', require: { binding: ['none'] } },
    ],
  });
  t.teardown(peerproof.drain);
  await peerproof.ready;
  const exp = Math.floor(Date.now() / 1000) + 300;
  const token = signer.sign({ iss: 'https://login.example.com', aud: 'orders', sub: 'alice', exp });
  const ask = (path: string, headers: Record<string, string> = {}) =>
    fetch(`http://127.0.0.1:${peerproof.httpPort}${path}`, {
      headers: { authorization: `Bearer ${token}`, ...headers },
    });
  return { ask, lines: peerproof.lines };
}

const original = (host: string, path = '/orders') => ({
  'x-original-method': 'GET',
  'x-original-host': host,
  'x-original-uri': path,
});

test('internal token over HTTP – forward auth: the answer carries it for the host that has a name', async (t) => {
  const { ask, lines } = await open(t);
  const first = await ask('/auth', { ...original('orders.example.com'), [HEADER]: 'forged' });
  t.is(first.status, 202);
  t.like(partsOf(first.headers.get(HEADER) ?? '').claims, { aud: 'orders', sub: 'alice', bound_by: 'none' });
  // The second and the third come from what was kept.
  const second = await ask('/auth', original('orders.example.com'));
  const third = await ask('/auth', original('orders.example.com'));
  t.is(third.headers.get(HEADER), second.headers.get(HEADER));
  for (const [host, path] of [
    ['other.example.com', '/orders'],
    ['orders.example.com', '/public'],
  ] as const) {
    const none = await ask('/auth', { ...original(host, path), [HEADER]: 'forged' });
    t.is(none.status, 202);
    t.is(none.headers.get(HEADER), null);
  }
  const part = second.headers.get(HEADER)?.split('.')[1] ?? '';
  t.false(lines.join('').includes(part));
});

test("internal token over HTTP – Envoy's HTTP ext_authz: what it lacks is removed, in every spelling", async (t) => {
  const { ask } = await open(t);
  const answer = await ask('/check/public', { [HEADER]: 'forged' });
  t.is(answer.status, 200);
  const removed = answer.headers.get('x-envoy-auth-headers-to-remove')?.split(',') ?? [];
  for (const name of [HEADER, 'x_peerproof_token', 'x-peerproof_token', 'x_peerproof-token'])
    t.true(removed.includes(name), name);
});
