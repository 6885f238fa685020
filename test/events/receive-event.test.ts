import test from 'ava';
import { type EventError, EventRefusal } from '../../src/core/revocation/transmitter.ts';
import { NOW } from '../support/check-world.ts';
import { encodePart } from '../support/jwt-signer.ts';
import { goodClaims, NOW_SECONDS } from '../support/token-fixture.ts';
import {
  AUDIENCE,
  caep,
  createWorld,
  eventClaims,
  eventToken,
  IDP,
  signer,
  stranger,
  userOf,
} from './events.ts';

const ago = (NOW_SECONDS - 10) * 1000;
const session = { format: 'opaque', id: 's-1' };
const complex = (members: object) => ({ format: 'complex', ...members });
const risc = caep.replace('/caep/', '/risc/');
const ssf = caep.replace('/caep/', '/ssf/');
const ended = { [`${caep}session-revoked`]: {} };

const meanings: readonly [what: string, claims: object, revoked: readonly unknown[][]][] = [
  ['a user by iss and sub', {}, [['subject', 'alice', ago]]],
  [
    'a user in the event',
    { sub_id: undefined, events: { [`${caep}session-revoked`]: { subject: userOf('bob') } } },
    [['subject', 'bob', NOW - 5_000]],
  ],
  ['an opaque id', { sub_id: { format: 'opaque', id: 'alice' } }, [['subject', 'alice', ago]]],
  ['a token', { sub_id: { format: 'jwt_id', iss: IDP, jti: 't-1' } }, [['jti', 't-1', undefined]]],
  ['a workload', { sub_id: { format: 'uri', uri: 'spiffe://x/y' } }, [['spiffeId', 'spiffe://x/y', ago]]],
  [
    'a session of a user',
    { sub_id: complex({ user: userOf('alice'), session }) },
    [['session', 's-1', undefined]],
  ],
  [
    'a user with a device',
    { sub_id: complex({ user: userOf('alice'), device: { format: 'opaque', id: 'd' } }) },
    [['subject', 'alice', ago]],
  ],
  [
    'an application',
    { sub_id: complex({ application: { format: 'opaque', id: 'shop' } }) },
    [['client', 'shop', ago]],
  ],
  [
    'aliases',
    {
      sub_id: {
        format: 'aliases',
        identifiers: [userOf('alice'), { format: 'email', email: 'a@b' }, { format: 'opaque', id: 'a' }],
      },
    },
    [
      ['subject', 'alice', ago],
      ['subject', 'a', ago],
    ],
  ],
  [
    'a changed credential',
    { events: { [`${caep}credential-change`]: { change_type: 'revoke', credential_type: 'password' } } },
    [['subject', 'alice', NOW - 5_000]],
  ],
  [
    'changed claims',
    { events: { [`${caep}token-claims-change`]: { claims: { role: 'x' } } } },
    [['subject', 'alice', NOW - 5_000]],
  ],
  [
    'a disabled account',
    { events: { [`${risc}account-disabled`]: {} } },
    [['subject', 'alice', NOW - 5_000]],
  ],
  [
    'a time in the future, which counts as now',
    { events: { [`${caep}session-revoked`]: { event_timestamp: NOW_SECONDS * 1000 } } },
    [['subject', 'alice', NOW]],
  ],
  [
    'a time that is no number',
    { events: { [`${caep}session-revoked`]: { event_timestamp: 'now' } } },
    [['subject', 'alice', NOW - 5_000]],
  ],
];
for (const [what, claims, revoked] of meanings)
  test(`receive event – ${what}`, async (t) => {
    const { ask, added, results } = createWorld();
    t.is(await ask(eventToken(claims as never)), undefined);
    t.deepEqual(results, ['revoked']);
    t.deepEqual(
      added.map(({ kind, value, issuedBefore }) => [kind, value, issuedBefore]),
      revoked,
    );
    for (const { issuer, until, by } of added) {
      t.is(issuer, 'login');
      t.is(until, NOW + 86_400_000);
      t.regex(by, /^transmitter idp: [a-z-]+$/);
    }
  });

const without: readonly [what: string, result: string, claims: object][] = [
  ['an e-mail address', 'ignored', { sub_id: { format: 'email', email: 'alice@example.com' } }],
  ['a tenant', 'ignored', { sub_id: complex({ tenant: { format: 'opaque', id: 'all' } }) }],
  ['no subject', 'ignored', { sub_id: undefined }],
  ['a subject that is a text', 'ignored', { sub_id: 'alice' }],
  ['a format called __proto__', 'ignored', { sub_id: { format: '__proto__', id: 'alice' } }],
  ['a user of another issuer', 'ignored', { sub_id: userOf('alice', 'https://partner.example.net') }],
  [
    'a token of another issuer',
    'ignored',
    { sub_id: { format: 'jwt_id', iss: 'https://partner.example.net', jti: 't' } },
  ],
  [
    'aliases in aliases',
    'ignored',
    { sub_id: { format: 'aliases', identifiers: [{ format: 'aliases', identifiers: [userOf('alice')] }] } },
  ],
  ['an empty subject', 'ignored', { sub_id: userOf('') }],
  ['a subject that is too long', 'ignored', { sub_id: userOf('x'.repeat(2_049)) }],
  ['an unknown event', 'ignored', { events: { 'https://example.com/event': {} } }],
  ['an event called constructor', 'ignored', { events: { constructor: {} } }],
  ['a verification', 'understood', { events: { [`${ssf}verification`]: { state: 'x' } } }],
  ['a new credential', 'understood', { events: { [`${caep}credential-change`]: { change_type: 'create' } } }],
];
for (const [what, result, claims] of without)
  test(`receive event – ${what} is acknowledged and revokes nothing`, async (t) => {
    const { ask, added, results } = createWorld();
    t.is(await ask(eventToken(claims as never)), undefined);
    t.deepEqual(results as string[], [result]);
    t.deepEqual(added, []);
  });

const many = (count: number, prefix = 'https://example.com/') =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`${prefix}${index}`, {}]));
const deep = `${'{"a":'.repeat(3_000)}{}${'}'.repeat(3_000)}`;
const refused: readonly [what: string, error: EventError, text: () => string][] = [
  [
    'an access token',
    'invalid_request',
    () => signer.sign(goodClaims({ iss: IDP, aud: AUDIENCE, jti: 'x', events: ended })),
  ],
  ['a token without typ', 'invalid_request', () => eventToken({}, { typ: undefined })],
  ['a logout token', 'invalid_request', () => eventToken({}, { typ: 'logout+jwt' })],
  ['another issuer', 'invalid_issuer', () => eventToken({ iss: 'https://partner.example.net' })],
  ['an issuer in capitals', 'invalid_issuer', () => eventToken({ iss: IDP.toUpperCase() })],
  ['no issuer', 'invalid_issuer', () => eventToken({ iss: undefined })],
  ['another audience', 'invalid_audience', () => eventToken({ aud: 'https://other.example.com' })],
  ['no audience', 'invalid_audience', () => eventToken({ aud: undefined })],
  [
    'alg none',
    'invalid_key',
    () => `${encodePart({ alg: 'none', typ: 'secevent+jwt' })}.${encodePart(eventClaims())}.AA`,
  ],
  ['alg HS256 with the public key', 'invalid_key', () => eventToken({}, { alg: 'HS256' })],
  ['a key of nobody', 'invalid_key', () => eventToken({}, {}, stranger)],
  ['an unknown kid', 'invalid_key', () => eventToken({}, { kid: 'unknown' })],
  ['crit', 'invalid_request', () => eventToken({}, { crit: ['b64'], b64: false })],
  ['iat in the future', 'invalid_request', () => eventToken({ iat: NOW_SECONDS + 31 })],
  ['iat too long ago', 'invalid_request', () => eventToken({ iat: NOW_SECONDS - 3_601 })],
  ['no iat', 'invalid_request', () => eventToken({ iat: undefined })],
  ['exp that is over', 'invalid_request', () => eventToken({ exp: NOW_SECONDS - 31 })],
  ['no jti', 'invalid_request', () => eventToken({ jti: undefined })],
  ['a jti that is too long', 'invalid_request', () => eventToken({ jti: 'x'.repeat(513) })],
  ['no events', 'invalid_request', () => eventToken({ events: {} })],
  ['events that are a list', 'invalid_request', () => eventToken({ events: [{}] })],
  [
    'an event that is null',
    'invalid_request',
    () => eventToken({ events: { [`${caep}session-revoked`]: null } }),
  ],
  ['17 events', 'invalid_request', () => eventToken({ events: many(17) })],
  ['nothing', 'invalid_request', () => ''],
  ['two parts', 'invalid_request', () => 'a.b'],
  ['a token of 64 KiB and more', 'invalid_request', () => eventToken({ more: 'x'.repeat(70_000) })],
  ['a deep token', 'invalid_request', () => eventToken({ more: JSON.parse(deep) })],
];
for (const [what, error, text] of refused)
  test(`receive event – ${what} is refused (${error})`, async (t) => {
    const { ask, added, results } = createWorld();
    const refusal = await ask(text());
    t.true(refusal instanceof EventRefusal);
    t.is(refusal?.error, error, refusal?.why);
    t.deepEqual(results, ['refused']);
    t.deepEqual(added, []);
  });

test('receive event – at the edges of the times, a token passes', async (t) => {
  const { ask } = createWorld();
  for (const iat of [NOW_SECONDS + 30, NOW_SECONDS - 3_600])
    t.is(await ask(eventToken({ iat, jti: String(iat) })), undefined);
});

for (const at of [-1, -1e15, -1e308])
  test(`receive event – a time before 1970 counts as 1970, and every reader can read it: ${at}`, async (t) => {
    const world = createWorld();
    t.is(
      await world.ask(eventToken({ events: { [`${caep}session-revoked`]: { event_timestamp: at } } })),
      undefined,
    );
    t.deepEqual(
      world.added.map(({ issuedBefore }) => issuedBefore),
      [0],
    );
  });

test('receive event – a token that came before is acknowledged, and changes nothing', async (t) => {
  const { ask, added, results } = createWorld();
  await ask(eventToken());
  t.is(await ask(eventToken()), undefined);
  t.is(await ask(eventToken({ sub_id: userOf('bob') })), undefined);
  t.deepEqual(results, ['revoked', 'replayed', 'replayed']);
  t.is(added.length, 1);
});

test('receive event – a token that could not be kept is kept when it is sent again', async (t) => {
  let isDown = true;
  const added: unknown[] = [];
  const store = {
    async add(entries: readonly unknown[]) {
      if (isDown) throw new Error('the store is full');
      added.push(...entries);
    },
    undo: async () => [],
    list: async () => [],
  };
  const { ask, results } = createWorld({ store });
  await t.throwsAsync(ask(eventToken()), { message: 'the store is full' });
  isDown = false;
  t.is(await ask(eventToken()), undefined);
  t.deepEqual(results, ['failed', 'revoked']);
  t.is(added.length, 1);
});
