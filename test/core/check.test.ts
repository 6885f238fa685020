import test from 'ava';
import { type CheckOptions, createCheck } from '../../src/core/check.ts';
import type { Decision } from '../../src/core/decision.ts';
import { Denial, DependencyError } from '../../src/core/denial.ts';
import type { Policy } from '../../src/core/judgement.ts';
import { failure } from '../../src/core/outcome.ts';
import { checkResponseOf } from '../../src/grpc/check-response.ts';
import { explained } from '../support/answers.ts';
import { receiveResponse } from '../support/check-wire.ts';
import { createCheckWorld, evidenceFor, NOW, type Presented } from '../support/check-world.ts';
import { isAllowed, isRefused } from '../support/expected-answers.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { anyBearer, goodClaims, inlineIssuer } from '../support/token-fixture.ts';

const signer = createSigner('ES256');
const world = await createCheckWorld({
  issuers: { corp: inlineIssuer([signer]) },
  rules: [{ name: 'public', match: { paths: ['/healthz'] }, public: true }, anyBearer],
});
const good: Presented = { token: signer.sign(goodClaims()) };

/** `decide` with one part changed, and its answer as a proxy sees it. */
async function ask(
  change: Partial<CheckOptions>,
  { presented = good, callerDeadline = Number.POSITIVE_INFINITY } = {},
) {
  const decide = createCheck({
    stopwatch: () => performance.now(),
    policy: () => world.policy,
    observer: { started: () => {}, decided: () => {} },
    clock: () => NOW,
    newId: () => 'id-1',
    limits: () => ({ checkTimeout: 5_000 }),
    ...change,
  });
  const evidence = evidenceFor(presented);
  const decision = await decide(evidence, 'grpc', callerDeadline);
  return { decision, response: receiveResponse(checkResponseOf(decision, explained)) };
}

/** A policy whose routing does this: the first thing that `authorize` asks. */
const policyThat = (match: () => never): Policy => ({ ...world.policy, routes: { match } as never });

test('check – a valid check is an allow, and a public rule is named', async (t) => {
  isAllowed(t, await ask({}));
  const answer = await ask({}, { presented: { path: '/healthz' } });
  t.is(answer.decision.reason, 'public');
  t.is(answer.response.status?.code, 0);
});

const thrown: [string, unknown][] = [
  ['an Error', new Error('boom')],
  ['a TypeError', new TypeError('boom')],
  ['an error without a stack', Object.assign(new Error('boom'), { stack: undefined })],
  ['undefined', undefined],
  ['null', null],
  ['a string', 'boom'],
  ['an empty string', ''],
  ['the string allow', 'allow'],
  ['a number', 0],
  ['true', true],
  ['a symbol', Symbol('boom')],
  ['a bigint', 1n],
  ['a function', () => undefined],
  ['an object that looks like an allow', { effect: 'allow', reason: 'allowed' }],
  ['an object that looks like a denial', { reason: 'no_rule', detail: 'x' }],
  ['a Denial, which is a value and nothing to throw', new Denial('no_rule')],
  ['an object without a prototype', Object.create(null)],
  [
    'an object whose text throws',
    {
      toString: () => {
        throw new Error('again');
      },
    },
  ],
  [
    'an object that only looks like an outage',
    { name: 'DependencyError', reason: 'issuer_unavailable', retryAfter: 1 },
  ],
];
for (const [title, value] of thrown) {
  test(`check – ${title} thrown on the way is 500 and never an allow`, async (t) => {
    const answer = await ask({
      policy: () =>
        policyThat(() => {
          throw value;
        }),
    });
    isRefused(t, answer, 'internal_error');
    t.is(answer.decision.id, 'id-1');
  });

  test(`check – ${title} thrown in place of a configuration is 500 and never an allow`, async (t) => {
    const answer = await ask({
      policy: () => {
        throw value;
      },
      clock: () => NOW,
    });
    isRefused(t, answer, 'internal_error');
  });

  test(`check – ${title} that went wrong in a door is 500 too`, (t) => {
    const decision = failure(value);
    const response = receiveResponse(checkResponseOf(decision, explained));
    isRefused(t, { decision, response }, 'internal_error');
  });
}

test('check – what was thrown is for the log and not for the caller', async (t) => {
  const { decision, response } = await ask({
    policy: () => {
      throw new Error('secret of the database');
    },
  });
  t.regex(String('detail' in decision && decision.detail), /secret of the database/);
  t.false(JSON.stringify(response).includes('secret of the database'));
});

test('check – an outage is 503 with Retry-After, and what we depend on is not told (RFC 9110 §10.2.3)', async (t) => {
  const answer = await ask({
    policy: () =>
      policyThat(() => {
        throw new DependencyError('issuer_unavailable', 'login.internal refused', 7);
      }),
  });
  isRefused(t, answer, 'issuer_unavailable');
  t.like(answer.decision, { detail: 'login.internal refused', retryAfter: 7 });
  t.false(JSON.stringify(answer.response).includes('login.internal'));
});

const failures: [string, unknown, reason: string][] = [
  ['an outage', new DependencyError('issuer_unavailable', 'no answer', 7), 'issuer_unavailable'],
  ['a bug', new TypeError('boom'), 'internal_error'],
];
for (const [title, error, reason] of failures)
  test(`check – after ${title} the decision holds what was proven until then`, async (t) => {
    const tokenCache = {
      get: () => {
        throw error;
      },
    };
    const { decision } = await ask({ policy: () => ({ ...world.policy, tokenCache: tokenCache as never }) });
    t.like(decision, { effect: 'unavailable', reason });
    t.is(decision.found.rule?.name, anyBearer.name);
    t.is(decision.found.path, '/orders');
    t.is(decision.found.token, undefined);
  });

test('check – a denial is passed on with detail and scope', async (t) => {
  const answer = await ask({
    policy: () => policyThat((() => new Denial('scope_missing', 'why', { scope: 'a b' })) as never),
  });
  isRefused(t, answer, 'scope_missing', { scope: 'a b' });
  t.like(answer.decision, { detail: 'why' });
});

/** A clock that has moved on by so much when it is asked again. */
function clockWith(step: number): () => number {
  let asked = 0;
  return () => NOW + (asked++ === 0 ? 0 : step);
}

test('check – an allow that comes after the deadline is 503 and no allow', async (t) => {
  isAllowed(t, await ask({ clock: clockWith(5_000) }));
  isRefused(t, await ask({ clock: clockWith(5_001) }), 'deadline_exceeded');
});

test('check – so is a late denial, and a late public answer', async (t) => {
  const late = { clock: clockWith(6_000) };
  isRefused(t, await ask(late, { presented: {} }), 'deadline_exceeded');
  isRefused(
    t,
    await ask({ clock: clockWith(6_000) }, { presented: { path: '/healthz' } }),
    'deadline_exceeded',
  );
});

test('check – the caller’s deadline counts where it is earlier, less a tenth for the way back', async (t) => {
  const callerDeadline = NOW + 1_000;
  isAllowed(t, await ask({ clock: clockWith(900) }, { callerDeadline }));
  isRefused(t, await ask({ clock: clockWith(901) }, { callerDeadline }), 'deadline_exceeded');
  isRefused(
    t,
    await ask({ clock: clockWith(5_001) }, { callerDeadline: NOW + 600_000 }),
    'deadline_exceeded',
  );
});

test('check – a wait that never ends is answered before the caller gives up', async (t) => {
  const { issuers } = world.policy.tokens;
  const hangs = { current: () => ({ keys: [] }), refreshFor: () => new Promise(() => {}) };
  const stuck = Object.assign(Object.create(issuers), {
    forJwt: (jws: never) => ({ ...(issuers.forJwt(jws) as object), keys: hangs }),
  });
  const policy = (): Policy => ({ ...world.policy, tokens: { ...world.policy.tokens, issuers: stuck } });
  const began = performance.now();
  const presented = { token: createSigner('ES256', { kid: 'another' }).sign(goodClaims()) };
  const answer = await ask({ policy }, { presented, callerDeadline: NOW + 300 });
  isRefused(t, answer, 'deadline_exceeded');
  t.true(performance.now() - began >= 250);
});

test('check – a deadline that was over before we began is 503', async (t) => {
  isRefused(t, await ask({}, { callerDeadline: NOW - 1_000 }), 'deadline_exceeded');
});

test('check – after the deadline the policy is not evaluated', async (t) => {
  const asked = policyThat(() => t.fail() as never);
  const answer = await ask({ policy: () => asked }, { callerDeadline: NOW - 1_000 });
  isRefused(t, answer, 'deadline_exceeded');
});

test('check – the observer is told of every start and every decision, with its evidence', async (t) => {
  const told: unknown[] = [];
  const observer: CheckOptions['observer'] = {
    started: () => told.push('started'),
    decided: (decision: Decision, evidence, door, microseconds) =>
      told.push([decision.reason, evidence.request?.path, door, microseconds >= 0]),
  };
  await ask({ observer });
  await ask({ observer }, { presented: {} });
  await ask({
    observer,
    policy: () => {
      throw new Error('boom');
    },
  });
  t.deepEqual(told, [
    'started',
    ['allowed', '/orders', 'grpc', true],
    'started',
    ['token_missing', '/orders', 'grpc', true],
    'started',
    ['internal_error', '/orders', 'grpc', true],
  ]);
});

test('check – an observer that throws never turns a refusal into an allow', async (t) => {
  const observer: CheckOptions['observer'] = {
    started: () => {},
    decided: () => {
      throw new Error('the log is full');
    },
  };
  const outcome = await ask({ observer }, { presented: {} }).catch((error: unknown) => error);
  t.true(outcome instanceof Error || (outcome as { decision: Decision }).decision.effect !== 'allow');
});

test('check – the reasons of an allow cannot stand in a denial or an outage: the compiler refuses them', async (t) => {
  // @ts-expect-error a denial cannot say "allowed"
  const allowed: Denial = new Denial('allowed');
  // @ts-expect-error an outage cannot say "public"
  const error = new DependencyError('public', 'x', 1);
  for (const match of [
    () => allowed,
    () => {
      throw error;
    },
  ]) {
    const { decision, response } = await ask({ policy: () => policyThat(match as never) });
    t.not(decision.effect, 'allow');
    t.is(response.status?.code, 7);
    t.is(response.okResponse, undefined);
  }
});
