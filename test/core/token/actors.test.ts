import test from 'ava';
import { Denial } from '../../../src/core/denial.ts';
import { type ActorToken, clientOfActor, readActors } from '../../../src/core/token/actors.ts';

const iss = 'https://login.example.com';
const SHOP = 'spiffe://cluster.local/ns/applications/sa/shop';

const tokenWith = (claims: Record<string, unknown>): ActorToken => ({ iss, clientId: 'portal', claims });

/** The names of the chain, or what is wrong with it. */
function read(claims: Record<string, unknown>): readonly string[] | string | undefined {
  const actors = readActors(tokenWith(claims));
  return actors instanceof Denial ? `${actors.reason}: ${actors.detail}` : actors.map(({ name }) => name);
}

test('actors – a token without act has none', (t) => {
  t.deepEqual(read({}), []);
  t.deepEqual(read({ may_act: { sub: SHOP } }), [], 'may_act makes nobody an actor (RFC 8693 §4.4)');
});

test('actors – the outermost act is the first, and the deepest acted first (RFC 8693 §4.1)', (t) => {
  t.deepEqual(read({ act: { sub: SHOP, act: { client_id: 'till', act: { sub: 'bob' } } } }), [
    SHOP,
    'till',
    'bob',
  ]);
});

test('actors – other members say nothing about the validity of a token (RFC 8693 §4.1)', (t) => {
  t.deepEqual(read({ act: { sub: SHOP, exp: 1, nbf: 'x', aud: 7, email: [] } }), [SHOP]);
});

test('actors – a name of another issuer is never taken for one of the issuer of the token', (t) => {
  const other = 'https://other.example.com';
  t.deepEqual(read({ act: { sub: 'shop', iss: other } }), [`${other} shop`]);
  t.deepEqual(read({ act: { sub: 'shop', iss } }), ['shop']);
  t.deepEqual(read({ act: { sub: SHOP, iss: other } }), [SHOP], 'a SPIFFE ID means the same everywhere');
});

test('actors – eight can be read, and nine are refused before any rule', (t) => {
  const chain = (length: number): object | undefined =>
    length === 0 ? undefined : { sub: `a${length}`, act: chain(length - 1) };
  const eight = JSON.parse(JSON.stringify({ act: chain(8) })) as Record<string, unknown>;
  t.is(read(eight)?.length, 8);
  const nine = JSON.parse(JSON.stringify({ act: chain(9) })) as Record<string, unknown>;
  t.is(read(nine), 'actor_malformed: act is a chain of more than 8 actors');
});

test('actors – the same token is read once', (t) => {
  const token = tokenWith({ act: { sub: SHOP } });
  t.is(readActors(token), readActors({ ...token }));
});

const clients: [string, object, string | undefined][] = [
  ['client_id', { sub: 'bob', client_id: 'portal' }, 'portal'],
  ['sub without client_id', { sub: 'portal' }, 'portal'],
  ['a SPIFFE ID', { sub: SHOP }, undefined],
  ['a SPIFFE ID with client_id', { sub: SHOP, client_id: 'portal' }, 'portal'],
  ['another issuer', { sub: 'portal', client_id: 'portal', iss: 'https://other.example.com' }, undefined],
  ['the same issuer', { sub: 'portal', iss }, 'portal'],
];
for (const [title, act, client] of clients)
  test(`actors – the client of an actor: ${title}`, (t) => {
    const token = tokenWith({ act });
    const actors = readActors(token);
    if (actors instanceof Denial || !actors[0]) return t.fail();
    t.is(clientOfActor(actors[0], token), client);
  });

const permissions: [string, object, unknown, boolean][] = [
  ['the same sub', { sub: SHOP }, { sub: SHOP }, true],
  ['the client of the token', { sub: 'bob' }, { client_id: 'portal' }, true],
  ['another client', { sub: 'bob' }, { client_id: 'till' }, false],
  ['the same sub and another client', { sub: 'bob' }, { sub: 'bob', client_id: 'till' }, false],
  ['the same client and another sub', { sub: 'bob' }, { sub: 'eve', client_id: 'portal' }, false],
  ['the issuer of the token, written out', { sub: 'bob' }, { sub: 'bob', iss }, true],
  ['another issuer', { sub: 'bob' }, { sub: 'bob', iss: 'https://other.example.com' }, false],
  ['a party where the actor is of another issuer', { sub: 'bob', iss: 'x' }, { sub: 'bob' }, false],
];
for (const [title, act, mayAct, holds] of permissions)
  test(`actors – may_act names ${title} (RFC 8693 §4.4)`, (t) => {
    const actors = readActors(tokenWith({ act, may_act: mayAct }));
    if (holds) t.false(actors instanceof Denial);
    else t.is(actors instanceof Denial && actors.reason, 'actor_mismatch');
  });
