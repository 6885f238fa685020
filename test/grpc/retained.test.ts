import test from 'ava';
import type { Evidence } from '../../src/core/evidence.ts';
import type { Findings } from '../../src/core/findings.ts';
import { createIdentity } from '../../src/core/identity/identity.ts';
import { identityOf, type KnownIdentity } from '../../src/core/identity/known-identity.ts';
import { verifyPeer } from '../../src/core/peer/verify-peer.ts';
import { evidenceOf } from '../../src/grpc/check-request.ts';
import { decodeCheckRequest } from '../../src/grpc/decode-request.ts';
import { Cache } from '../../src/lib/cache.ts';
import { checkMethod } from '../../tools/protocol.ts';
import { httpRule } from '../core/policy/rules.ts';
import { standardSettings } from '../support/answers.ts';
import { keptByEach } from '../support/heap.ts';

/** A message may have 60 KiB. What is kept must not hold it. */
test('kept identities – hold nothing of the messages that they came from', (t) => {
  const messages = 400;
  const filler = 'x'.repeat(60_000);
  const cache = new Cache<KnownIdentity>(1e9, () => 1);
  const policy = {
    identity: createIdentity({ ...standardSettings, passAccessToken: true, passAuthorization: true }),
    identityCache: cache,
  };
  const peers = { from: ['principal'], trustDomains: new Map([['a.test', undefined]]) } as const;
  const rule = { ...httpRule('orders'), credential: 'bearer' } as const;
  const check = (n: number): void => {
    const principal = `spiffe://a.test/ns/orders/sa/${'n'.repeat(64)}${n}`;
    const headers = { authorization: `Bearer ${'t'.repeat(800)}${n}`, filler };
    const http = { method: 'GET', path: '/a', host: 'a.test', headers };
    const request = { attributes: { source: { principal }, request: { http } } };
    const evidence = evidenceOf(decodeCheckRequest(checkMethod.requestSerialize(request)));
    const peer = verifyPeer(evidence, { ...peers, gateways: [], clockSkew: 0 }, new Cache(1, () => 1), 0);
    const token = { subject: 'alice', scopes: [], claims: {}, digest: `${n}` } as never;
    identityOf({ rule, path: '/a', token, peer } as Findings, evidence.request?.headers ?? {}, policy);
  };
  const kept = keptByEach(messages, check);
  t.is(cache.size, messages + 1);
  t.true(kept < 12_000, `${kept} bytes of heap for each identity`);
});

/** A thousand checks may wait for an issuer, and a message may have megabytes. */
for (const [name, body] of Object.entries({
  body: 'b'.repeat(1_000_000),
  'body that is not ASCII': `${'b'.repeat(65_536)}\u{1f511}${'b'.repeat(1_000_000)}`,
  'body in bytes': Buffer.alloc(1_000_000, 'b'),
}))
  test(`checks that wait – hold little of a large ${name}`, (t) => {
    const messages = 20;
    const held: Evidence[] = [];
    const hold = (n: number): void => {
      const headers = { authorization: `Bearer ${'t'.repeat(800)}${n}` };
      const part = typeof body === 'string' ? { body } : { rawBody: body };
      const http = { method: 'POST', path: `/orders/of/somebody/${n}`, host: 'a.test', headers, ...part };
      const bytes = checkMethod.requestSerialize({ attributes: { request: { http } } });
      held.push(evidenceOf(decodeCheckRequest(bytes)));
    };
    const kept = keptByEach(messages, hold);
    t.true(kept < 200_000, `${kept} bytes of heap for each check`);
    t.is(held.at(-1)?.request?.body?.length, 65_537);
  });

test('decoded check – a header that is kept holds nothing of its message', (t) => {
  const messages = 200;
  const filler = 'x'.repeat(60_000);
  const kept: (string | undefined)[] = [];
  const check = (n: number): void => {
    const headers = { 'x-request-id': `6f1a5c0e-6a0c-4b1d-9d58-${n}`, filler };
    const request = {
      attributes: { request: { http: { method: 'GET', path: '/a', host: 'a.test', headers } } },
    };
    const evidence = evidenceOf(decodeCheckRequest(checkMethod.requestSerialize(request)));
    kept.push(evidence.request?.headers['x-request-id']);
  };
  const each = keptByEach(messages, check);
  t.is(kept[1], '6f1a5c0e-6a0c-4b1d-9d58-0');
  t.true(each < 2_000, `${each} bytes of heap for each header`);
});
