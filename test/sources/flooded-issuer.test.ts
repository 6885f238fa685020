import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { type Answer, createCheckWorld, NOW } from '../support/check-world.ts';
import { isAllowed, isRefused } from '../support/expected-answers.ts';
import { createSigner, encodePart, type JwtSigner } from '../support/jwt-signer.ts';
import { listen } from '../support/listening.ts';
import { anyBearer, goodClaims, ISSUER, inlineIssuer, OTHER_ISSUER } from '../support/token-fixture.ts';
import { waitFor } from '../support/wait.ts';

const TILL = 'spiffe://cluster.local/ns/applications/sa/till';
const strangers = 1_000;
/** Far beyond what a test takes: nothing here ends by time. */
const long = 50_000;

/** A server that answers at once, or holds all questions until they are to be answered. */
async function startHolding(
  t: ExecutionContext,
  answer: (body: string) => unknown,
  isThrottled: (body: string) => boolean = () => false,
) {
  const held: (() => void)[] = [];
  let isHolding = false;
  let asked = 0;
  const send = (response: ServerResponse, body: string) => {
    if (isThrottled(body)) return response.writeHead(429, { 'retry-after': '60' }).end();
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(answer(body)));
  };
  const server = createServer(async (request, response) => {
    asked++;
    let body = '';
    for await (const chunk of request) body += chunk;
    if (isHolding) held.push(() => send(response, body));
    else send(response, body);
  });
  const port = await listen(server);
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  return {
    url: `http://127.0.0.1:${port}/`,
    asked: () => asked,
    held: () => held.length,
    hold: () => {
      isHolding = true;
    },
    release: () => {
      isHolding = false;
      for (const one of held.splice(0)) one();
    },
    /** Answers what is held, and holds what comes. */
    pass: () => {
      for (const one of held.splice(0)) one();
    },
  };
}

/** A token without a valid signature: its signature is never checked. */
let junkNumber = 0;
const junkJwt = () =>
  `${encodePart({ alg: 'ES256', kid: `junk-${junkNumber++}` })}.${encodePart(goodClaims())}.${encodePart('x'.repeat(64))}`;
const junkOpaque = () => `junk-${junkNumber++}`;

/** Three issuers: `corp` with keys on the network, `opaque` that is asked, `partner` whose keys are here. */
async function world(t: ExecutionContext) {
  const folder = await mkdtemp(join(tmpdir(), 'peerproof-flooded-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const secret = join(folder, 'secret');
  await writeFile(secret, 'secret', { mode: 0o600 });
  const [signer, partner] = [createSigner('ES256'), createSigner('ES256')];
  const published: JwtSigner[] = [signer];
  const jwks = await startHolding(t, () => ({ keys: published.map(({ publicJwk }) => publicJwk) }));
  const tokenIn = (body: string) => /token=([^&]*)/.exec(body)?.[1] ?? '';
  const introspection = await startHolding(
    t,
    (body) => {
      const token = tokenIn(body);
      return token.startsWith('good')
        ? { active: true, sub: token, aud: 'orders', exp: NOW / 1000 + 3_000 }
        : { active: false };
    },
    (body) => tokenIn(body).startsWith('throttled'),
  );
  const common = { audiences: ['orders'], timeout: `${long}ms` };
  const asked = { endpoint: introspection.url, clientId: 'authorizer', clientSecretFile: secret };
  const checks = await createCheckWorld(
    {
      issuers: {
        corp: { ...common, issuer: ISSUER, jwksUri: jwks.url, refresh: '24h' },
        opaque: { ...common, introspection: asked },
        partner: inlineIssuer([partner], { issuer: OTHER_ISSUER }),
      },
      peers: { trustDomains: { 'cluster.local': {} } },
      rules: [{ name: 'public', match: { paths: ['/healthz'] }, public: true }, anyBearer],
    },
    { checkTimeout: long },
  );
  t.teardown(() => checks.stop());
  const settled: Answer[] = [];
  return {
    ...{ ...checks, jwks, introspection, published, settled },
    /** Floods, and waits until those without a place were refused. */
    flood: async (token: () => string, principal?: string) => {
      settled.length = 0;
      const all = Array.from({ length: strangers }, async () => {
        const answer = await checks.check({ token: token(), ...(principal && { principal }) });
        settled.push(answer);
        return answer;
      });
      await waitFor('the refusals', 20_000, () => settled.length >= strangers - 250);
      t.is(settled.length, strangers - 250);
      for (const answer of settled) isRefused(t, answer, 'overloaded');
      return all;
    },
    corpToken: (by = signer) => by.sign(goodClaims()),
    partnerToken: () => partner.sign(goodClaims({ iss: OTHER_ISSUER })),
    state: (name: string) => checks.issuers.find(({ issuer }) => issuer.name === name)?.state(),
  };
}

/** Callers that do not use the flooded issuer. */
async function othersPass(
  t: ExecutionContext,
  { check, partnerToken, settled }: Awaited<ReturnType<typeof world>>,
) {
  const before = settled.length;
  t.is((await check({ path: '/healthz' })).decision.reason, 'public');
  isAllowed(t, await check({ token: partnerToken() }));
  isRefused(t, await check(), 'token_missing');
  t.is(settled.length, before, 'they waited for somebody');
}

test('flooded issuer – unknown kids while the keys hang: other checks pass, and the refusal names the issuer', async (t) => {
  const it = await world(t);
  const known = it.corpToken();
  isAllowed(t, await it.check({ token: known }));
  it.jwks.hold();
  it.clock.now += 60_000;
  const junk = await it.flood(junkJwt);
  t.regex(JSON.stringify(it.settled[0]?.decision), /"250 checks wait for corp, 250 of this sender: /);
  t.deepEqual(it.state('corp')?.bulkhead, { waiting: 250, refused: 750 });
  await othersPass(t, it);
  isAllowed(t, await it.check({ token: known }));
  isAllowed(t, await it.check({ token: it.corpToken() }));
  it.jwks.release();
  const reasons = (await Promise.all(junk)).map(({ decision }) => decision.reason);
  t.is(reasons.filter((reason) => reason === 'token_key_unknown').length, 250);
  t.is(it.state('corp')?.bulkhead.waiting, 0);
});

test('flooded issuer – a peer with a new key finds a place during a flood, and a caller without a peer does not', async (t) => {
  const it = await world(t);
  const next = createSigner('ES256');
  it.published.push(next);
  it.jwks.hold();
  it.clock.now += 60_000;
  const junk = await it.flood(junkJwt);
  const peer = it.check({ token: it.corpToken(next), principal: TILL });
  isRefused(t, await it.check({ token: it.corpToken(next) }), 'overloaded');
  it.jwks.release();
  isAllowed(t, await peer);
  await Promise.all(junk);
});

test('flooded issuer – junk opaque tokens while the endpoint hangs: other checks pass, and the number of questions is limited', async (t) => {
  const it = await world(t);
  isAllowed(t, await it.check({ token: 'good-old' }));
  it.introspection.hold();
  const junk = await it.flood(junkOpaque);
  t.like(it.state('opaque'), { bulkhead: { waiting: 250, refused: 750 }, asked: { underWay: 32 } });
  await othersPass(t, it);
  isAllowed(t, await it.check({ token: 'good-old' }));
  isAllowed(t, await it.check({ token: it.corpToken() }));
  it.introspection.release();
  const reasons = (await Promise.all(junk)).map(({ decision }) => decision.reason);
  t.is(reasons.filter((reason) => reason === 'token_inactive').length, 250);
});

test('flooded issuer – while junk is asked about, a known token and the new one of a peer are asked about beside it', async (t) => {
  const it = await world(t);
  isAllowed(t, await it.check({ token: 'good-old' }));
  it.introspection.hold();
  // What was remembered of it is over; that it got a yes is not.
  it.clock.now += 10_000;
  const junk = await it.flood(junkOpaque);
  await waitFor('the junk', 20_000, () => it.introspection.held() === 32);
  const [known, fresh] = [it.check({ token: 'good-old' }), it.check({ token: 'good-new', principal: TILL })];
  await waitFor('their questions', 20_000, () => it.introspection.held() === 34);
  it.introspection.pass();
  isAllowed(t, await known);
  isAllowed(t, await fresh);
  it.introspection.release();
  await Promise.all(junk);
  t.is(it.introspection.asked(), 1 + 250 + 2);
});

test('flooded issuer – a peer that floods with its own certificate keeps out itself alone', async (t) => {
  const it = await world(t);
  it.introspection.hold();
  const junk = await it.flood(junkOpaque, TILL);
  isRefused(t, await it.check({ token: 'good-own', principal: TILL }), 'overloaded');
  const others = [
    it.check({ token: 'good-other', principal: TILL.replace('till', 'shop') }),
    it.check({ token: 'good-stranger' }),
  ];
  await waitFor('their questions', 20_000, () => it.introspection.held() === 34);
  it.introspection.release();
  for (const answer of await Promise.all(others)) isAllowed(t, answer);
  await Promise.all(junk);
});

test('flooded issuer – 429 with Retry-After for a few junk tokens a minute keeps out neither known tokens nor peers', async (t) => {
  const it = await world(t);
  isAllowed(t, await it.check({ token: 'good-old' }));
  let junk = 0;
  // Each question is a minute's worth of Retry-After; answers are remembered for ten seconds.
  for (let tens = 0; tens < 30; tens++) {
    for (let n = 0; n < 6; n++)
      isRefused(t, await it.check({ token: `throttled-${junk++}` }), 'introspection_unavailable');
    isAllowed(t, await it.check({ token: 'good-old' }));
    isAllowed(t, await it.check({ token: `good-${tens}`, principal: TILL }));
    it.clock.now += 10_000;
  }
  // The junk itself is hardly asked about: five in the beginning, and then one where six came.
  t.true(it.introspection.asked() < 1 + 2 * 30 + junk);
});
