import type { ReasonName } from '../../../src/core/reasons.ts';
import { type Case, each, type Group } from '../case.ts';
import { type Fixture, ISSUER, PARTNER, SHOP, TILL } from '../fixture.ts';

type Claims = Readonly<Record<string, unknown>>;
type Who = 'shop' | 'till' | 'foreign';

const malformed = 'actor_malformed';
const notAllowed = 'actor_not_allowed';
const wrongSender = 'binding_workload_mismatch';

/** A token of the issuer with these claims, sent by a workload. */
const sent = (
  path: string,
  more: Claims,
  reason: ReasonName,
  sender: Who = 'shop',
  seen?: Case['seen'],
): Case => ({
  send: (f) => ({ path, sender: f.senders[sender], token: f.sign({ client_id: undefined, ...more }) }),
  reason,
  ...(seen && { seen }),
});

/** The same where a rule says who may act for whom: the shop and the client `till`, for alice. */
const acting = (more: Claims, reason: ReasonName, sender: Who = 'shop', seen?: Case['seen']) =>
  sent('/actors', more, reason, sender, seen);

const chain = (...names: readonly string[]): object | undefined =>
  names.reduceRight<object | undefined>((act, sub) => ({ sub, ...(act && { act }) }), undefined);

/** Deeper than any JSON of a token may be, and written without recursion. */
const deep = (f: Fixture, depth: number) =>
  f.signText(
    `${JSON.stringify(f.claims()).slice(0, -1)},"act":${'{"act":'.repeat(depth)}{}${'}'.repeat(depth)}}`,
  );

export const group: Group = {
  number: 25,
  title: 'Delegation',
  items: {
    'the sender of a token with an actor': {
      source: 'RFC 8693 §4.1',
      cases: {
        'the actor passes': acting({ act: chain(SHOP) }, 'allowed', 'shop', {
          headers: { 'x-auth-request-user': 'alice', 'x-auth-request-actor': SHOP },
          line: { actor: SHOP, bound_by: 'workload' },
        }),
        'an actor that is a registered client': acting({ act: chain('till') }, 'allowed', 'till'),
        'the subject sends the token of its actor': sent(
          '/workload',
          { sub: TILL, act: chain(SHOP) },
          wrongSender,
          'till',
        ),
        'the subject sends the token of an actor that is a person': sent(
          '/workload',
          { sub: SHOP, act: chain('bob') },
          'binding_missing',
        ),
        'the prior actor sends it': acting({ act: chain(SHOP, 'till') }, wrongSender, 'till'),
        'the client of the token sends it': acting(
          { client_id: 'till', act: chain(SHOP) },
          wrongSender,
          'till',
        ),
        'another trust domain sends it': acting(
          { act: chain(SHOP) },
          'peer_trust_domain_not_allowed',
          'foreign',
        ),
        'a ServiceAccount sends the token of its actor': {
          send: (f) => ({
            path: '/workload',
            sender: f.senders.shop,
            token: f.account({ act: chain(TILL) }),
          }),
          reason: wrongSender,
        },
        'a client that the actor does not name': sent(
          '/workload',
          { client_id: 'shop', act: { sub: 'bob', client_id: 'till' } },
          wrongSender,
        ),
        'a header of the client that names an actor': {
          send: (f) => ({
            path: '/bearer',
            token: f.token,
            headers: [
              ['x-auth-request-actor', SHOP],
              ['x_auth_request_actor', SHOP],
            ],
          }),
          reason: 'allowed',
          seen: { headers: { 'x-auth-request-actor': null } },
        },
      },
    },
    'act in another form': {
      source: 'RFC 8693 §4.1; RFC 8259 §4; CWE-674',
      cases: {
        ...each(
          [
            ['a text', SHOP],
            ['a list', [{ sub: SHOP }]],
            ['null', null],
            ['false', false],
            ['a number', 0],
            ['empty', {}],
            ['a sub that is a number', { sub: 7 }],
            ['a sub that is a list', { sub: [SHOP] }],
            ['a sub that is empty', { sub: '' }],
            ['a sub that is null', { sub: null, client_id: 'till' }],
            ['a client_id that is a list', { sub: SHOP, client_id: ['shop'] }],
            ['an iss that is an object', { sub: SHOP, iss: {} }],
            ['only a name', { name: SHOP }],
            ['a SPIFFE ID with an escape', { sub: SHOP.replace('shop', '%73hop') }],
            ['a SPIFFE ID with a slash at its end', { sub: `${SHOP}/` }],
            ['a prior actor that is a text', { sub: SHOP, act: SHOP }],
            ['a prior actor that is null', { sub: SHOP, act: null }],
            ['a prior actor without a name', { sub: SHOP, act: {} }],
            ['nine actors', chain(...Array.from({ length: 9 }, () => SHOP))],
            ['thirty actors', chain(...Array.from({ length: 30 }, () => SHOP))],
          ] as const,
          ([what, act]) => [what, acting({ act }, malformed)],
        ),
        'where nothing has to be proven': sent('/bearer', { act: 'x' }, malformed),
        'nine actors where no rule looks': sent(
          '/bearer',
          { act: chain(...Array.from({ length: 9 }, () => SHOP)) },
          malformed,
        ),
        'eight actors where no rule looks': sent(
          '/bearer',
          { act: chain(...Array.from({ length: 8 }, () => SHOP)) },
          'allowed',
          'shop',
          { line: { actor: SHOP } },
        ),
        'deeper than JSON may be': {
          send: (f) => ({ path: '/actors', sender: f.senders.shop, token: deep(f, 600) }),
          reason: 'token_malformed',
        },
        'ten thousand deep': {
          send: (f) => ({ path: '/actors', sender: f.senders.shop, token: deep(f, 10_000) }),
          reason: 'token_too_large',
          envoy: { refuses: 431 },
        },
        __proto__: {
          send: (f) => ({
            path: '/actors',
            sender: f.senders.shop,
            token: f.signText(
              `${JSON.stringify(f.claims()).slice(0, -1)},"act":{"__proto__":{"sub":"${SHOP}"}}}`,
            ),
          }),
          reason: malformed,
        },
        'Act in other letters is no actor': acting({ Act: chain(SHOP), ACT: chain(SHOP) }, 'binding_missing'),
        'a second act is the one that counts, for all': {
          send: (f) => ({
            path: '/actors',
            sender: f.senders.shop,
            token: f.signText(
              `${JSON.stringify(f.claims()).slice(0, -1)},"act":{"sub":"${SHOP}"},"act":{"sub":"${TILL}"}}`,
            ),
          }),
          reason: wrongSender,
        },
      },
    },
    'an actor that may not act': {
      source: 'RFC 8693 §4.1; docs/delegation.md',
      cases: {
        'for another subject': acting({ sub: 'bob', act: chain(SHOP) }, notAllowed),
        'for a subject in other letters': acting({ sub: 'Alice', act: chain(SHOP) }, notAllowed),
        'for nobody': acting({ sub: undefined, act: chain(SHOP) }, notAllowed),
        'a workload that no entry names': acting({ act: chain(TILL) }, notAllowed, 'till'),
        'behind an actor that may': acting({ act: chain(SHOP, TILL) }, notAllowed),
        'a person behind an actor that may': acting({ act: chain(SHOP, 'bob') }, notAllowed),
        'two actors that may': acting({ act: chain(SHOP, 'till') }, 'allowed'),
        'the same actor twice': acting({ act: chain(SHOP, SHOP) }, 'allowed'),
        'in a chain that is too long': acting({ act: chain(SHOP, 'till', SHOP) }, notAllowed),
        'in a circle': acting({ act: chain(SHOP, 'till', SHOP, 'till', SHOP, 'till') }, notAllowed),
        'a client that is registered for the workload, and not named': acting(
          { act: { sub: 'bob', client_id: 'shop' } },
          notAllowed,
        ),
        'a workload that the issuer calls a client that is not registered for it': acting(
          { act: { sub: 'spiffe://partner.example/ns/applications/sa/till', client_id: 'till' } },
          wrongSender,
          'till',
        ),
        'a prior actor that is called a client that is not registered for it': acting(
          { act: { sub: SHOP, act: { sub: 'spiffe://partner.example/ns/a/sa/till', client_id: 'till' } } },
          notAllowed,
        ),
        'a client of another issuer': {
          send: (f) => ({
            path: '/actors',
            sender: f.senders.till,
            token: f.keys.partner.sign(
              { ...f.claims(), iss: PARTNER, client_id: 'shop', jti: 'x', iat: 1, act: chain('till') },
              { typ: 'at+jwt' },
            ),
          }),
          reason: wrongSender,
        },
        'a name that another issuer gave': acting(
          { act: { sub: 'till', iss: PARTNER } },
          'binding_missing',
          'till',
        ),
        'a name that the same issuer gave': acting({ act: { sub: 'till', iss: ISSUER } }, 'allowed', 'till'),
        'nobody, where the rule wants an actor': acting({ sub: SHOP }, 'actor_missing'),
        'null, where an actor is optional': sent('/perhaps', { act: null }, malformed),
        'nobody, where an actor is optional': sent('/perhaps', {}, 'allowed'),
        'another one, where an actor is optional': sent('/perhaps', { act: chain(SHOP) }, notAllowed),
        'a second one, where an actor is optional': sent('/perhaps', { act: chain(TILL, TILL) }, notAllowed),
        'one that the pattern names': sent('/perhaps', { act: chain(TILL) }, 'allowed'),
        'one of another trust domain': sent(
          '/perhaps',
          { act: chain('spiffe://partner.example/ns/applications/sa/till') },
          notAllowed,
        ),
        'any, where the rule accepts none': sent('/own', { act: chain(SHOP) }, notAllowed),
        'nobody, where the rule accepts none': sent('/own', {}, 'allowed'),
      },
    },
    may_act: {
      source: 'RFC 8693 §4.4',
      cases: {
        'names the actor': acting({ act: chain(SHOP), may_act: { sub: SHOP } }, 'allowed'),
        'names the actor, and more about it': acting(
          { act: chain(SHOP), may_act: { sub: SHOP, iss: ISSUER, email: 'shop@example.com' } },
          'allowed',
        ),
        'names another party': acting({ act: chain(SHOP), may_act: { sub: TILL } }, 'actor_mismatch'),
        'names the prior actor': acting(
          { act: chain(SHOP, 'till'), may_act: { sub: 'till' } },
          'actor_mismatch',
        ),
        'names the actor at another issuer': acting(
          { act: chain('till'), may_act: { sub: 'till', iss: PARTNER } },
          'actor_mismatch',
          'till',
        ),
        'names another client': acting(
          { act: { sub: SHOP, client_id: 'shop' }, may_act: { sub: SHOP, client_id: 'till' } },
          'actor_mismatch',
        ),
        'names another party where no rule looks': sent(
          '/bearer',
          { act: chain(SHOP), may_act: { sub: TILL } },
          'actor_mismatch',
        ),
        'makes nobody an actor': sent('/workload', { may_act: { sub: SHOP } }, 'binding_missing'),
        'without an actor it is for the authorization server': sent('/bearer', { may_act: 7 }, 'allowed'),
        ...each(
          [
            ['a text', SHOP],
            ['a list', [{ sub: SHOP }]],
            ['null', null],
            ['empty', {}],
            ['a sub that is a list', { sub: [SHOP] }],
          ] as const,
          ([what, mayAct]) => [
            `${what} beside an actor`,
            acting({ act: chain(SHOP), may_act: mayAct }, malformed),
          ],
        ),
      },
    },
  },
};
