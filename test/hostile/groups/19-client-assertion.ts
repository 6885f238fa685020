import { each, type Group } from '../case.ts';
import { TILL } from '../fixture.ts';
import { beside, changed, contentType, followed, form, post, type } from '../makers/token-request.ts';

const ambiguous = 'assertion_ambiguous';
const unreadable = 'body_unreadable';
const unregistered = 'client_not_registered';
const basic = `Basic ${Buffer.from('till:secret').toString('base64')}`;

export const group: Group = {
  number: 19,
  title: 'Client assertions',
  items: {
    'assertions of another client or workload': {
      source: 'RFC 7523 §3; RFC 7521 §4.2',
      cases: {
        "the shop's own": changed(() => ({}), 'allowed', {
          seen: { line: { client_id: 'shop', bound_by: 'workload' } },
        }),
        'a JWT-SVID of its own': changed((f) => ({ client_assertion: f.svid() }), 'allowed'),
        'stolen by the till': changed(() => ({}), 'binding_workload_mismatch', { sender: 'till' }),
        'stolen by the till, in the name of the till': changed(
          () => ({ client_id: 'till' }),
          'binding_workload_mismatch',
          { sender: 'till' },
        ),
        'its own, in the name of the till (sub ≠ client)': changed(
          () => ({ client_id: 'till' }),
          unregistered,
        ),
        'its own, in the name of nobody': changed(() => ({ client_id: 'nobody' }), unregistered),
        'its own, in the name of __proto__': changed(() => ({ client_id: '__proto__' }), unregistered),
        'its own, in the name of a client of another issuer': changed(
          () => ({ client_id: 'partner-only' }),
          unregistered,
        ),
        'its own, in a name with a NUL': changed(() => ({ client_id: 'shop\0till' }), unregistered),
        'its own, in a name in capitals': changed(() => ({ client_id: 'SHOP' }), unregistered),
        'its own, in a name with a Cyrillic o': changed(() => ({ client_id: 'sh\u043ep' }), unregistered),
        'for another audience': changed(
          (f) => ({ client_assertion: f.account({ aud: 'payments' }) }),
          'token_audience_mismatch',
        ),
        'that is over': changed(
          (f) => ({ client_assertion: f.account({ exp: f.seconds - 31 }) }),
          'token_expired',
        ),
        'of tomorrow': changed(
          (f) => ({ client_assertion: f.account({ nbf: f.seconds + 86_400 }) }),
          'token_not_yet_valid',
        ),
        'that nobody signed': changed(
          (f) => ({ client_assertion: f.account({}, { alg: 'none' }) }),
          'token_algorithm_not_allowed',
        ),
        'that another issuer signed': changed(
          (f) => ({
            client_assertion: f.sign(
              { iss: 'https://kubernetes.default.svc.cluster.local' },
              { kid: 'cluster', alg: 'RS256' },
              'strangerRsa',
            ),
          }),
          'token_signature_invalid',
        ),
        'that the client made for itself': changed(
          (f) => ({ client_assertion: f.sign({ iss: 'shop', sub: 'shop' }, {}, 'stranger') }),
          'token_issuer_unknown',
        ),
        'that is an access token': changed((f) => ({ client_assertion: f.token }), 'token_type_not_allowed'),
        'that is an access token of the workload itself': changed(
          (f) => ({ client_assertion: f.sign({ sub: f.senders.shop.uris[0] }) }),
          'token_type_not_allowed',
        ),
        'that is bound to a key': changed(
          (f) => ({
            client_assertion: f.account({ cnf: { jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' } }),
          }),
          'confirmation_unproven',
        ),
        'a JWT-SVID of another workload': changed(
          (f) => ({ client_assertion: f.svid({ sub: TILL }) }),
          'binding_workload_mismatch',
        ),
        'from somebody without a certificate': {
          send: (f) => ({ method: 'POST', path: '/token', headers: contentType, body: form(f) }),
          reason: 'binding_peer_missing',
        },
        'that is no JWT': changed(() => ({ client_assertion: 'opaque' }), 'token_malformed'),
        'that is a JWE': changed(
          () => ({ client_assertion: 'eyJhbGciOiJkaXIifQ..a.b.c' }),
          'token_malformed',
        ),
      },
    },
    'two assertions': {
      source: 'RFC 6749 §3.2: parameters MUST NOT be included more than once',
      cases: {
        'the same twice': post((f) => `${form(f)}&client_assertion=${f.account()}`, ambiguous),
        'another first': post((f) => `client_assertion=${f.account({ sub: 'x' })}&${form(f)}`, ambiguous),
        'the second one with its name escaped': followed('client%5Fassertion=x'),
        'the second one with its name wholly escaped': followed('%63lient_assertion=x'),
        'the second one empty': followed('client_assertion='),
        'the second one without =': followed('client_assertion'),
        'client_id twice': followed('client_id=till'),
        'client_id twice, the same': followed('client_id=shop'),
        'the type twice': followed(`client_assertion_type=${encodeURIComponent(type)}`),
        'with a semicolon between': post((f) => `${form(f)};client_id=till`, unreadable),
        'with an escaped ampersand in a value': post(
          (f) => form(f).replace('client_id=shop', 'client_id=shop%26client_id%3Dtill'),
          unregistered,
        ),
        'with a line break between': post((f) => `${form(f)}\r\nclient_id=till`, unreadable),
        'with a NUL between': post((f) => `${form(f)}\0&client_id=till`, unreadable),
        'with a question mark in front': post((f) => `?${form(f)}&client_id=till`, ambiguous),
      },
    },
    'parameter names that some servers treat as the same': {
      source: 'PHP: variables from external sources; ASP.NET: names without case',
      cases: each(
        [
          'client.assertion=x',
          'client+assertion=x',
          'client%20assertion=x',
          'client%5Bassertion=x',
          'client_assertion%5B%5D=x',
          'client_assertion%5B0%5D=x',
          'client_assertion%00=x',
          '+client_assertion=x',
          'client.id=till',
          'CLIENT_ID=till',
          'Client_Assertion=x',
        ],
        (text) => [text, followed(text)],
      ),
    },
    'a parameter in the query': {
      source: 'RFC 6749 §3.2; RFC 3986 §6.2.2.2',
      cases: each(
        [
          'client_id=till',
          'x=1&client_id=till',
          'client_assertion=x',
          'client_assertion_type=x',
          'client_secret=x',
          'client%5Fid=till',
          '%63lient_id=till',
          'client%5Fassertion=x',
          'x=1;client_id=till',
        ],
        (query) => [query, post((f) => form(f), ambiguous, { path: `/token?${query}` })],
      ),
    },
    'Basic credentials beside an assertion': {
      source: 'RFC 6749 §2.3: MUST NOT use more than one authentication method',
      cases: {
        Basic: beside([['authorization', basic]], ambiguous),
        'Basic in other letters': beside([['Authorization', basic.replace('Basic', 'bAsIc')]], ambiguous),
        'Basic without anything': beside([['authorization', 'Basic']], ambiguous),
        'Basic behind Bearer, in one line': beside([['authorization', `Bearer x, ${basic}`]], ambiguous),
        'Basic behind Bearer, in two lines': beside(
          [
            ['authorization', 'Bearer x'],
            ['authorization', basic],
          ],
          ambiguous,
        ),
        client_secret: followed('client_secret=x'),
        'an empty client_secret': followed('client_secret='),
        'client_secret with its name escaped': followed('client%5Fsecret=x'),
      },
    },
  },
};
