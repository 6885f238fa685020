import test from 'ava';
import type { ConfigInput } from '../../../src/config/schema.ts';
import { createCheckWorld } from '../../support/check-world.ts';
import { isAllowed, isRefused } from '../../support/expected-answers.ts';
import { createSigner } from '../../support/jwt-signer.ts';
import { goodClaims, inlineIssuer, OTHER_ISSUER } from '../../support/token-fixture.ts';
import { SHOP, TILL, TRUST_DOMAIN } from '../../support/workload-fixture.ts';

type Actors = NonNullable<NonNullable<ConfigInput['rules'][number]['require']>['actors']>;

const corp = createSigner('ES256');
const partner = createSigner('ES256');

const worldOf = (actors: Actors, more: object = {}) =>
  createCheckWorld({
    issuers: { corp: inlineIssuer([corp]), partner: inlineIssuer([partner], { issuer: OTHER_ISSUER }) },
    peers: { trustDomains: { [TRUST_DOMAIN]: {} } },
    clients: { portal: [SHOP], 'corp-only': { workloads: [SHOP], issuers: ['corp'] } },
    rules: [{ name: 'acting', require: { actors, binding: ['none'], ...more } }],
  });
const signed = (claims: Record<string, unknown>) => ({ token: corp.sign(goodClaims(claims)) });
const workloads = `spiffe://${TRUST_DOMAIN}/ns/applications/sa/*`;

test('require.actors – an actor is needed, unless it is optional', async (t) => {
  const allow = [{ who: [SHOP] }];
  isRefused(t, await (await worldOf({ allow })).check(signed({})), 'actor_missing');
  isAllowed(t, await (await worldOf({ allow, optional: true })).check(signed({})));
});

test('require.actors – maxLength 0 refuses every actor, and wants none', async (t) => {
  const world = await worldOf({ maxLength: 0 });
  isAllowed(t, await world.check(signed({})));
  isRefused(t, await world.check(signed({ act: { sub: SHOP } })), 'actor_not_allowed');
});

test('require.actors – a chain may have one actor, or as many as the rule says', async (t) => {
  const two = signed({ act: { sub: SHOP, act: { sub: TILL } } });
  const short = await (await worldOf({ allow: [{ who: [workloads] }] })).check(two);
  isRefused(t, short, 'actor_not_allowed');
  t.regex(
    String((short.decision as { detail?: string }).detail),
    /has 2 actors, and the rule accepts one actor/,
  );
  isAllowed(t, await (await worldOf({ allow: [{ who: [workloads] }], maxLength: 2 })).check(two));
});

test('require.actors – every actor of the chain must be named for the subject', async (t) => {
  const world = await worldOf({
    allow: [{ who: [SHOP], for: ['alice'] }, { who: [TILL] }],
    maxLength: 2,
  });
  const act = { sub: SHOP, act: { sub: TILL } };
  isAllowed(t, await world.check(signed({ sub: 'alice', act })));
  isRefused(t, await world.check(signed({ sub: 'bob', act })), 'actor_not_allowed');
  isAllowed(t, await world.check(signed({ sub: 'bob', act: { sub: TILL } })));
  isRefused(t, await world.check(signed({ sub: undefined, act })), 'actor_not_allowed');
});

test('require.actors – a subject can be a pattern of SPIFFE IDs', async (t) => {
  const world = await worldOf({ allow: [{ who: [SHOP], for: [workloads] }] });
  isAllowed(t, await world.check(signed({ sub: TILL, act: { sub: SHOP } })));
  for (const sub of ['alice', TILL.replace('applications', 'other'), `${TILL}/x`, workloads])
    isRefused(t, await world.check(signed({ sub, act: { sub: SHOP } })), 'actor_not_allowed');
});

test('require.actors – a client counts only at the issuers of its entry in clients', async (t) => {
  const world = await worldOf({ allow: [{ who: ['corp-only'] }] });
  const act = { sub: 'corp-only' };
  isAllowed(t, await world.check(signed({ act })));
  const foreign = { token: partner.sign(goodClaims({ iss: OTHER_ISSUER, act })) };
  isRefused(t, await world.check(foreign), 'actor_not_allowed');
  const named = signed({ act: { ...act, iss: OTHER_ISSUER } });
  isRefused(t, await world.check(named), 'actor_not_allowed');
});

test('require.actors – a pattern is never compared as a name, nor a name as a pattern', async (t) => {
  const world = await worldOf({ allow: [{ who: [workloads] }] });
  isRefused(t, await world.check(signed({ act: { sub: 'portal' } })), 'actor_not_allowed');
  const byName = await worldOf({ allow: [{ who: ['portal'] }] });
  isRefused(t, await byName.check(signed({ act: { sub: SHOP } })), 'actor_not_allowed');
  isAllowed(t, await byName.check(signed({ act: { sub: SHOP, client_id: 'portal' } })));
  const unregistered = signed({ act: { sub: TILL, client_id: 'portal' } });
  isRefused(t, await byName.check(unregistered), 'actor_not_allowed');
});

test('require.actors – can be observed, and the rest of the rule is enforced', async (t) => {
  const world = await worldOf({ allow: [{ who: [SHOP] }] }, { observe: ['actors'], scopes: ['orders.read'] });
  const passed = await world.check(signed({ scope: 'orders.read', act: { sub: TILL } }));
  t.is(passed.decision.reason, 'observed');
  const answer = await world.check(signed({ scope: '', act: { sub: TILL } }));
  t.is(answer.decision.reason, 'scope_missing');
  const malformed = await world.check(signed({ scope: 'orders.read', act: 'x' }));
  isRefused(t, malformed, 'actor_malformed');
});

test('a condition – reads the current actor and the whole chain', async (t) => {
  const when = `token.actor == '${SHOP}' && token.actors.exists(one, one == '${TILL}') && size(token.actors) == 2`;
  const world = await createCheckWorld({
    issuers: { corp: inlineIssuer([corp]) },
    rules: [{ name: 'acting', require: { binding: ['none'], when } }],
  });
  isAllowed(t, await world.check(signed({ act: { sub: SHOP, act: { sub: TILL } } })));
  isRefused(t, await world.check(signed({ act: { sub: SHOP } })), 'condition_not_met');
  isRefused(t, await world.check(signed({})), 'condition_not_met');
});
