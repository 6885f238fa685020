import type { Group } from '../case.ts';
import { beside, changed, contentType, followed, form, good, post, type } from '../makers/token-request.ts';

const unreadable = 'body_unreadable';
const unregistered = 'client_not_registered';

export const group: Group = {
  number: 19,
  title: 'Client assertions',
  items: {
    'forms that servers read differently': {
      source: 'WHATWG URL §5; RFC 9110 §8.3, §8.4',
      cases: {
        JSON: beside([['content-type', 'application/json']], unreadable),
        'JSON alone': post((f) => JSON.stringify(good(f)), unreadable, {
          headers: [['content-type', 'application/json']],
        }),
        multipart: post((f) => form(f), unreadable, {
          headers: [['content-type', 'multipart/form-data; boundary=x']],
        }),
        'no type': post((f) => form(f), unreadable, { headers: [] }),
        'another charset': post((f) => form(f), unreadable, {
          headers: [['content-type', 'application/x-www-form-urlencoded; charset=utf-16']],
        }),
        'the charset of UTF-7': post((f) => form(f), unreadable, {
          headers: [['content-type', 'application/x-www-form-urlencoded;charset=utf-7']],
        }),
        'two types': beside([['content-type', 'application/x-www-form-urlencoded']], unreadable),
        'UTF-8, said': post((f) => form(f), 'allowed', {
          headers: [['content-type', 'application/x-www-form-urlencoded; charset=UTF-8']],
        }),
        'deflate, which makes another form of it': beside([['content-encoding', 'deflate']], unreadable),
        gzip: beside([['content-encoding', 'gzip']], unreadable),
        'a broken escape': followed('x=%zz', unreadable),
        'a character outside of ASCII': followed('x=\xe9', unreadable),
        'a byte order mark': post((f) => `\xef\xbb\xbf${form(f)}`, unreadable),
        'a space': followed('x= y', unreadable),
        'another type of assertion': changed(
          () => ({ client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer' }),
          'assertion_type_unsupported',
        ),
        'its type in capitals': changed(
          () => ({ client_assertion_type: type.toUpperCase() }),
          'assertion_type_unsupported',
        ),
        'no type of assertion': changed(() => ({ client_assertion_type: '' }), 'assertion_type_unsupported'),
        'no assertion': changed(() => ({ client_assertion: '' }), 'assertion_missing'),
        'no client_id': changed(() => ({ client_id: '' }), unregistered),
        'no body': post(() => '', 'assertion_missing'),
        'an access token in the header instead': {
          send: (f) => ({
            method: 'POST',
            path: '/token',
            sender: f.senders.shop,
            token: f.account(),
            headers: contentType,
            body: 'grant_type=client_credentials',
          }),
          reason: 'assertion_missing',
        },
        GET: post((f) => form(f), 'no_rule', { method: 'GET' }),
      },
    },
    'an incomplete body': {
      source: 'Envoy: x-envoy-auth-partial-body',
      cases: {
        'cut off by the proxy': post((f) => `${form(f)}&x=${'x'.repeat(70_000)}&client_id=till`, unreadable, {
          headers: [...contentType, ['x-envoy-auth-partial-body', 'true']],
        }),
        'cut off by the proxy, and the client says that it was not': post(
          (f) => `${form(f)}&x=${'x'.repeat(70_000)}`,
          unreadable,
          {
            headers: [
              ...contentType,
              ['x-envoy-auth-partial-body', 'false'],
              ['x-envoy-auth-partial-body', 'true'],
            ],
          },
        ),
        'the client says something else': beside([['x-envoy-auth-partial-body', 'TRUE']], unreadable, {
          envoy: { becomes: 'allowed', why: 'Envoy says itself whether it is whole' },
        }),
        'the client says that a whole body is not': beside(
          [['x-envoy-auth-partial-body', 'true']],
          unreadable,
          {
            envoy: { becomes: 'allowed', why: 'Envoy says itself whether it is whole' },
          },
        ),
      },
    },
  },
};
