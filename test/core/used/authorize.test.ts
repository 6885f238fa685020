import test from 'ava';
import { none } from '../../../src/core/binding/none.ts';
import type { Prove } from '../../../src/core/binding/proof.ts';
import { DependencyError } from '../../../src/core/denial.ts';
import type { SingleUse, UsedProofs } from '../../../src/core/used/used-proofs.ts';
import { type CheckWorld, createCheckWorld, NOW } from '../../support/check-world.ts';
import { isAllowed, isRefused } from '../../support/expected-answers.ts';
import { createSigner } from '../../support/jwt-signer.ts';
import { goodClaims, inlineIssuer } from '../../support/token-fixture.ts';

/** Here, `none` is a proof that holds once: the header `x-proof` names it. */
const prove: Prove = ({ request }) => ({ id: `proof ${request.headers['x-proof']}`, until: NOW + 60_000 });
Object.assign(none, { prove });

const signer = createSigner('ES256');
const token = signer.sign(goodClaims({ scope: 'read' }));
const worldWith = (usedProofs?: UsedProofs, more: object = {}): Promise<CheckWorld> =>
  createCheckWorld(
    {
      issuers: { corp: inlineIssuer([signer]) },
      rules: [{ name: 'once', require: { binding: ['none'], scopes: ['read'], ...more } }],
    },
    { ...(usedProofs && { usedProofs }) },
  );
const send = (world: CheckWorld, name: string, more: object = {}) =>
  world.check({ token, headers: { 'x-proof': name }, ...more });

/** Records what is asked, and answers so. */
function answering(answer: (once: SingleUse) => ReturnType<UsedProofs['use']>) {
  const asked: [string, string][] = [];
  const use: UsedProofs['use'] = (once, owner) => {
    asked.push([once.id, owner]);
    return answer(once);
  };
  return { use, asked };
}

test('single use – a proof lets one request in, and a second one is told that it was used', async (t) => {
  const world = await worldWith();
  const first = await send(world, 'a');
  isAllowed(t, first);
  t.is(first.decision.found.boundBy, 'none');
  const second = await send(world, 'a');
  isRefused(t, second, 'proof_replayed');
  t.is(second.decision.found.boundBy, undefined);
  isAllowed(t, await send(world, 'b'));
});

test('single use – of the same proof at the same time, one gets in', async (t) => {
  const seen = new Set<string>();
  const later = answering(async ({ id }) => {
    await undefined;
    return seen.size < seen.add(id).size;
  });
  const world = await worldWith(later);
  const answers = await Promise.all(Array.from({ length: 20 }, () => send(world, 'a')));
  t.is(answers.filter(({ decision }) => decision.effect === 'allow').length, 1);
  t.is(answers.filter(({ decision }) => decision.reason === 'proof_replayed').length, 19);
});

test('single use – a request that is refused anyway uses up nothing', async (t) => {
  const store = answering(() => true);
  const world = await worldWith(store);
  const poor = signer.sign(goodClaims({ scope: 'write' }));
  isRefused(t, await send(world, 'a', { token: poor }), 'scope_missing', { scope: 'read' });
  t.deepEqual(store.asked, []);
  isAllowed(t, await send(world, 'a'));
  t.is(store.asked.length, 1);
});

test('single use – the memory is divided by whom the issuer vouches for', async (t) => {
  const store = answering(() => true);
  const world = await worldWith(store);
  await send(world, 'a');
  await send(world, 'b', { token: signer.sign(goodClaims({ scope: 'read', jti: 'another token' })) });
  await send(world, 'c', { token: signer.sign(goodClaims({ scope: 'read', sub: 'somebody else' })) });
  const [one, same, other] = store.asked.map(([, owner]) => owner);
  t.is(one, same);
  t.not(one, other);
  t.regex(one ?? '', /^[\w-]{43}$/);
});

const outage = new DependencyError('store_unavailable', 'the store is gone', 3);
for (const [title, answer, reason] of [
  ['refuses', () => Promise.reject(outage), 'store_unavailable'],
  [
    'refuses at once',
    () => {
      throw outage;
    },
    'store_unavailable',
  ],
  ['has a bug', () => Promise.reject(new Error('boom')), 'internal_error'],
] as const)
  test(`single use – a store that ${title} lets nothing in`, async (t) => {
    const answered = await send(await worldWith(answering(answer)), 'a');
    isRefused(t, answered, reason);
    t.is(answered.decision.found.boundBy, undefined);
  });

test('single use – an answer of the store that comes after the deadline is no allow', async (t) => {
  const world: CheckWorld = await worldWith({
    use: () => {
      world.clock.now += 5_001;
      return Promise.resolve(true);
    },
  });
  isRefused(t, await send(world, 'a'), 'deadline_exceeded');
});

test('single use – a proof is marked once, also if the rule only observes what it lacks', async (t) => {
  const store = answering(() => true);
  const world = await worldWith(store, { observe: ['scopes'] });
  const poor = signer.sign(goodClaims({ scope: 'write' }));
  const { decision } = await send(world, 'a', { token: poor });
  t.is(decision.reason, 'observed');
  t.is(store.asked.length, 1);
  t.is(decision.found.boundBy, 'none');
});

test('single use – a replay that is observed passes, and the application does not learn whose token it was', async (t) => {
  const world = await createCheckWorld({
    mode: 'observe',
    issuers: { corp: inlineIssuer([signer]) },
    rules: [{ name: 'once', require: { binding: ['none'] } }],
  });
  const [first, second] = [await send(world, 'a'), await send(world, 'a')];
  const subjectOf = ({ decision }: typeof first) =>
    decision.effect === 'allow' ? decision.identity.set.some(([, value]) => value === 'alice') : undefined;
  isAllowed(t, first);
  t.is(second.decision.reason, 'observed');
  t.true(second.decision.reason === 'observed' && second.decision.wouldDeny.reason === 'proof_replayed');
  t.true(subjectOf(first));
  t.false(subjectOf(second));
});

test('single use – where the binding is observed, a replay passes, and its identity is not believed', async (t) => {
  const world = await worldWith(undefined, { observe: ['binding'] });
  isAllowed(t, await send(world, 'a'));
  const { decision } = await send(world, 'a');
  t.is(decision.reason, 'observed');
  t.is(decision.found.boundBy, undefined);
});
