import test from 'ava';
import { evidenceOfCheck, evidenceOfForwardAuth, type ForwardAuth } from '../../src/http/check-request.ts';
import { readSourceAddress } from '../../src/http/source-address.ts';
import { checkOf } from './check-cases.ts';

const addresses: [header: string | undefined, address: string | undefined][] = [
  [undefined, undefined],
  ['', undefined],
  ['192.0.2.1', '192.0.2.1'],
  ['2001:db8::1', '2001:db8::1'],
  ['192.0.2.66, 192.0.2.1', '192.0.2.1'],
  ['192.0.2.66,2001:db8::1', '2001:db8::1'],
  ['192.0.2.66,  192.0.2.1', undefined],
  ['192.0.2.1,', undefined],
  ['192.0.2.1, unknown', undefined],
  ['192.0.2.1:443', undefined],
  ['<script>', undefined],
  [`::1%${'a'.repeat(100)}`, undefined],
];
for (const [header, address] of addresses)
  test(`source address – of ${JSON.stringify(header)} is ${address}`, (t) => {
    t.is(readSourceAddress(header), address);
  });

test('source address – only a trusted proxy says it, also with a check that is refused', (t) => {
  const auth: ForwardAuth = { path: '/auth', trusts: () => true, original: 'x-forwarded' };
  const from = { 'x-forwarded-for': '192.0.2.66, 192.0.2.1' };
  const whole = {
    ...from,
    'x-forwarded-method': 'GET',
    'x-forwarded-host': 'a.example',
    'x-forwarded-uri': '/',
  };
  const of = (headers: Record<string, string>, more: Partial<ForwardAuth> = {}, target = '/auth') =>
    evidenceOfForwardAuth(checkOf({ target, headers }), { ...auth, ...more });
  t.is(of(whole).sourceAddress, '192.0.2.1');
  for (const refused of [of(from), of(whole, {}, '/auth?unknown=1')]) {
    t.truthy(refused.flaw);
    t.is(refused.sourceAddress, '192.0.2.1');
  }
  t.is(of(whole, { trusts: () => false }).sourceAddress, undefined);
  t.is(evidenceOfCheck(checkOf({ target: '/', headers: from }), '', 'none').sourceAddress, undefined);
});
