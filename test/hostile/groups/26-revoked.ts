import { type Case, type Group, request, token } from '../case.ts';
import { type Fixture, PARTNER, SHOP, TILL } from '../fixture.ts';
import { type as bearerType, changed, post } from '../makers/token-request.ts';
import { stale } from '../stories/stale-revocations.ts';

const world = 'revoked';
const revoked = 'token_revoked';
const spiffeType = encodeURIComponent(bearerType.replace('jwt-bearer', 'jwt-spiffe'));

/** A token with these claims. */
const held = (claims: Record<string, unknown>, reason: Case['reason'] = revoked): Case =>
  token((f) => f.sign(claims), reason, { world });
/** One that was issued at this many seconds from the revocation. */
const issued = (seconds: number, claims: object, reason: Case['reason']): Case =>
  token((f) => f.sign({ iat: f.seconds + seconds, ...claims }), reason, { world });
const partner = (f: Fixture, more: object = {}) =>
  f.sign(
    { iss: PARTNER, sub: 'partner-user', client_id: 'shop', jti: 'p', ...more },
    { typ: 'at+jwt' },
    'partner',
  );

export const group: Group = {
  number: 26,
  title: 'Revoked tokens',
  items: {
    'a token that was revoked before it expired': {
      source: 'RFC 7009 §2.1; CWE-613; keycloak issue 51376',
      cases: {
        'by its jti': held({ jti: 'stolen' }),
        'by a jti that is a number': held({ jti: 17 }),
        'by its subject': held({ sub: 'mallory' }),
        'by its client': held({ client_id: 'till' }),
        'by its client, which it names as azp': held({ client_id: undefined, azp: 'till' }),
        'by one of two clients that it names': held({ client_id: 'shop', azp: 'till' }),
        'by its session': held({ sid: 's-1' }),
        'by its workload': request((f) => ({ token: f.svid({ sub: TILL }), path: '/bearer' }), revoked, {
          world,
        }),
        'by the workload that sends it': request(
          (f) => ({ path: '/bearer', sender: f.senders.till }),
          revoked,
          { world },
        ),
        'by its issuer': token((f) => f.sign({ iss: 'https://lax.example.com' }, {}, 'lax'), revoked, {
          world,
        }),
        'by its subject, which acts for somebody else': held({ act: { sub: 'mallory' } }),
        'by the workload that acts': held({ act: { sub: TILL } }),
        'by the client that acts': held({ act: { sub: 'bob', client_id: 'till' } }),
        'by the client that acts, which has no other name': held({ act: { client_id: 'till' } }),
        'by the client that acts, which is its subject': held({ act: { sub: 'till' } }),
        'of a ServiceAccount, by the workload that sends it': {
          send: (f) => ({
            path: '/bearer',
            token: f.account({
              sub: 'system:serviceaccount:applications:till',
              'kubernetes.io': { namespace: 'applications', serviceaccount: { name: 'till', uid: 'u' } },
            }),
          }),
          reason: revoked,
          world,
        },
        'with an optional token': request(
          (f) => ({ path: '/optional', token: f.bound({ sub: 'mallory' }), sender: f.senders.shop }),
          revoked,
          { world },
        ),
      },
    },
    'a token of another one': {
      source: 'RFC 7519 §4.1.2: sub is unique for its issuer',
      cases: {
        'without any of these names': held({}, 'allowed'),
        'with a jti in capitals': held({ jti: 'STOLEN' }, 'allowed'),
        'with a subject that begins alike': held({ sub: 'mallory2' }, 'allowed'),
        'with the jti as its session': held({ sid: 'stolen' }, 'allowed'),
        'with the subject as its client': held({ client_id: 'mallory' }, 'allowed'),
        'with the subject of another issuer': held({ sub: 'partner-user' }, 'allowed'),
        'with the subject, of the issuer that is named': token((f) => partner(f), revoked, { world }),
        'with a client that acts, which another issuer calls so': held(
          { act: { iss: PARTNER, client_id: 'till' } },
          'allowed',
        ),
        'with an earlier actor that was revoked (RFC 8693 §4.1)': held(
          { act: { sub: 'bot', act: { sub: 'mallory' } } },
          'allowed',
        ),
        'with a subject whose revocation is over': held({ sub: 'pardoned' }, 'allowed'),
        'of a workload whose name begins alike': request(
          (f) => ({ path: '/bearer', token: f.svid({ sub: SHOP }) }),
          'allowed',
          { world },
        ),
      },
    },
    'a token that was issued again': {
      source: 'RFC 7519 §4.1.6 (iat)',
      cases: {
        'in the second of the revocation': issued(0, { sub: 'mallory' }, 'allowed'),
        'a millisecond before it': issued(-0.001, { sub: 'mallory' }, revoked),
        'an hour later, by a clock that is wrong': issued(3_600, { sub: 'mallory' }, 'allowed'),
        'without iat': held({ sub: 'mallory', iat: undefined }),
        'with iat −1': held({ sub: 'mallory', iat: -1 }),
        'with the same jti': issued(0, { jti: 'stolen' }, revoked),
        'in the same session': issued(0, { sid: 's-1' }, revoked),
      },
    },
    'a client assertion of a client that was revoked': {
      source: 'RFC 7523 §3',
      cases: {
        'in its own name': changed(
          (f) => ({
            client_id: 'till',
            client_assertion: f.account({
              sub: 'system:serviceaccount:applications:till',
              'kubernetes.io': { namespace: 'applications', serviceaccount: { name: 'till', uid: 'u' } },
            }),
          }),
          revoked,
          { sender: 'till', world },
        ),
        'in the name of another client': changed(() => ({ client_id: 'partner-only' }), revoked, { world }),
        'in the name of a client that was not': changed(() => ({}), 'allowed', { world }),
      },
    },
    'a client that authenticates without a token': {
      source: 'draft-ietf-oauth-spiffe-client-auth-02 §3.2',
      cases: {
        'by its certificate, in its own name': post(() => 'client_id=orders-batch', revoked, {
          ...{ path: '/certificate-token', sender: 'orders', world },
        }),
        'by its certificate, as another client of its workload': post(
          () => 'client_id=orders-web',
          'allowed',
          {
            ...{ path: '/certificate-token', sender: 'orders', world },
          },
        ),
        'by its assertion, without client_id': post(
          (f) => `client_assertion=${f.svid({ sub: TILL })}&client_assertion_type=${spiffeType}`,
          revoked,
          { path: '/spiffe-token', sender: 'till', world },
        ),
      },
    },
    'revocations that cannot be read': { source: 'CWE-636; Authorino issue 649', stories: stale },
  },
};
