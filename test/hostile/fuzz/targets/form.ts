import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Denial } from '../../../../src/core/denial.ts';
import type { PresentedRequest } from '../../../../src/core/evidence.ts';
import { readAuthorization } from '../../../../src/core/token/authorization.ts';
import { readClientAssertion } from '../../../../src/core/token/client-assertion.ts';
import { type Target, target } from '../campaign.ts';
import { mutatedText } from '../mutate-text.ts';
import { oddText } from '../odd.ts';
import { form } from '../presented-parts.ts';
import { authorization } from '../tokens.ts';

const type = 'application/x-www-form-urlencoded';
const requests: fc.Arbitrary<PresentedRequest> = fc.record({
  method: fc.constant('POST'),
  host: fc.constant('as.example.com'),
  path: fc.oneof(
    { weight: 6, arbitrary: fc.constant('/token') },
    {
      weight: 1,
      arbitrary: mutatedText(fc.constant('/token?a=b&c=d'), {
        words: ['client_id=', '&client_assertion=x', '?', '&', '%63'],
      }),
    },
  ),
  headers: fc.record(
    {
      'content-type': fc.oneof(
        { weight: 6, arbitrary: fc.constantFrom(type, `${type}; charset=UTF-8`, type.toUpperCase()) },
        {
          weight: 1,
          arbitrary: mutatedText(fc.constant(type), { words: [';', ',', 'charset=utf-8', 'charset=utf-7'] }),
        },
      ),
      authorization: fc.constantFrom('Basic eDp5', 'basic', 'Bearer x', 'BasicX'),
      'x-envoy-auth-partial-body': fc.constantFrom('true', 'false'),
    },
    { requiredKeys: ['content-type'] },
  ) as fc.Arbitrary<Record<string, string>>,
  body: fc.oneof(
    { weight: 9, arbitrary: form('eyJhbGciOiJFUzI1NiJ9.e30.c2ln') },
    { weight: 1, arbitrary: oddText },
  ),
});

/** Splits a form as servers in C do: at `&` and `=`, and decodes each part for itself. */
function simpleForm(body: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const pair of body.split('&')) {
    const [name = '', ...rest] = pair.split('=').map((part) => part.replaceAll('+', ' '));
    const key = latin1(name);
    const values = found.get(key) ?? [];
    values.push(latin1(rest.join('=')));
    found.set(key, values);
  }
  return found;
}

const latin1 = (text: string) =>
  text.replace(/%([0-9a-f]{2})/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

/** What is read is what another reader of forms finds, once, and nowhere else. */
function readsForm(request: PresentedRequest): string {
  const read = readClientAssertion(request);
  if (read instanceof Denial) return read.reason;
  const found = simpleForm(request.body ?? '');
  assert.deepEqual(found.get('client_assertion'), [Buffer.from(read.token).toString('latin1')]);
  assert.deepEqual(found.get('client_id'), [Buffer.from(read.clientId ?? '').toString('latin1')]);
  assert.ok(!found.has('client_secret'));
  const query = new URLSearchParams(request.path.split('?').slice(1).join('?'));
  for (const name of ['client_id', 'client_assertion', 'client_assertion_type', 'client_secret'])
    assert.ok(!query.has(name), `${name} in the query too`);
  assert.equal(request.headers['x-envoy-auth-partial-body'] === 'true', false);
  return 'read';
}

interface Header {
  readonly authorization: string;
  readonly path: string;
}

const token68 = /^[A-Za-z0-9._~+/-]+=*$/;

/** What is taken for the token is one, stands there alone, and nothing else calls itself one. */
function readsAuthorization({ authorization: header, path }: Header): string {
  const read = readAuthorization({ method: 'GET', host: 'a', path, headers: { authorization: header } });
  if (read instanceof Denial) return read.reason;
  if (read === undefined) {
    assert.doesNotMatch(header, /^(bearer|dpop) [A-Za-z0-9._~+/-]+=*$/i);
    return 'none';
  }
  const { token, scheme = 'bearer' } = read;
  assert.match(token, token68);
  assert.equal(header.slice(scheme.length + 1), token);
  assert.equal(header.slice(0, scheme.length + 1).toLowerCase(), `${scheme} `);
  const query = new URLSearchParams(path.split('?').slice(1).join('?'));
  assert.ok(!query.has('access_token'), 'another token in the query');
  return 'read';
}

export const formTargets: readonly Target[] = [
  target({
    name: 'form',
    inputs: requests,
    hold: readsForm,
    reaches: ['read', 'body_unreadable', 'assertion_ambiguous', 'assertion_missing'],
  }),
  target({
    name: 'bearer',
    inputs: fc.record({
      authorization: fc.oneof(authorization('eyJhbGciOiJFUzI1NiJ9.e30.c2ln'), oddText),
      path: fc.constantFrom('/a', '/a?access_token=x', '/a?b=c&access_token=', '/a?%61ccess_token=x'),
    }),
    hold: readsAuthorization,
    reaches: ['read', 'none', 'authorization_malformed', 'authorization_ambiguous'],
  }),
];
