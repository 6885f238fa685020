import { seededRandom } from '../../test/support/seeded-random.ts';

/** Malformed and hostile input. Each number gives a different one. */

const random = seededRandom(20_261_122);
const part = (text: string) => Buffer.from(text).toString('base64url');
const header = part('{"alg":"ES256","kid":"x"}');

const tokens: readonly ((number: number) => string)[] = [
  (number) => `${random.text(200)}${number}`,
  (number) => `${header}.${part(random.text(100))}.${number}`,
  (number) => `${part(`{"alg":"none","kid":"${number}"}`)}.${part('{"sub":"admin"}')}.`,
  (number) => `${header}.${part(`${'['.repeat(5_000)}${number}`)}.AAAA`,
  (number) => `${header}.${part(`{"a":[${'[],'.repeat(3_000)}${number}]}`)}.AAAA`,
  (number) => `${header}.${part(`{"a":[${'{"33":0},'.repeat(1_000)}${number}]}`)}.AAAA`,
  (number) => `${header}.${part(`{"__proto__":{"iss":"${number}"},"iss":"https://x.example"}`)}.AAAA`,
  (number) => `${part(`{"alg":"ES256","kid":"${'k'.repeat(4_000)}${number}"}`)}.${part('{}')}.AAAA`,
  (number) => `${number}${'a'.repeat(20_000)}`,
  (number) => `a.b.c.d.${number}`,
];

const paths: readonly ((number: number) => string)[] = [
  (number) => `//orders/${number}`,
  (number) => `/orders/../admin/${number}`,
  (number) => `/orders/%2e%2e/${number}`,
  (number) => `/orders;x=${number}/items`,
  (number) => `/nowhere/${number}`,
  (number) => `/orders/${random.text(100)}${number}`,
  (number) => `/orders/${'a/'.repeat(2_000)}${number}`,
];

const headers: readonly ((number: number) => Record<string, string>)[] = [
  () => ({}),
  (number) => ({ authorization: `Bearer ${number}, Bearer ${number}` }),
  (number) => ({ authorization: `Basic ${number}` }),
  (number) => ({ 'x-forwarded-client-cert': `By=${random.text(100)};Hash=${number}` }),
  (number) => ({ 'x-forwarded-client-cert': `Hash=${'ab'.repeat(32)};URI="${number}`.repeat(20) }),
  (number) =>
    Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`x-odd-${number}-${n}`, random.text(50)])),
  (number) => ({ traceparent: random.text(80), 'x-request-id': `${random.text(600)}${number}` }),
];

export const oddToken = (number: number): string => random.pick(tokens)(number);
export const oddPath = (number: number): string => random.pick(paths)(number);
export const oddHeaders = (number: number): Record<string, string> => random.pick(headers)(number);
