import { assembleJwt, encodePart } from '../../support/jwt-signer.ts';
import { type Case, type Group, token } from '../case.ts';
import type { Fixture } from '../fixture.ts';

const malformed = 'token_malformed';

/** A token made of the three parts of a good one. */
const parts = (
  make: (head: string, body: string, signature: string) => string,
  reason: Case['reason'] = malformed,
  more: Partial<Case> = {},
): Case =>
  token(
    (f) => {
      const [head = '', body = '', signature = ''] = f.token.split('.');
      return make(head, body, signature);
    },
    reason,
    more,
  );

/** Signed by the issuer, whatever it is. */
const signed = (
  payload: (f: Fixture) => string | Buffer,
  reason: Case['reason'] = malformed,
  more: Partial<Case> = {},
): Case => token((f) => f.signText(payload(f)), reason, more);

const json = (f: Fixture, more = {}) => JSON.stringify(f.claims(more));
const nested = (depth: number) => `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`;
const tooLarge = 'token_too_large';
/** Envoy takes 60 KiB of headers. */
const tooLargeForEnvoy = { envoy: { refuses: 431 } } as const;
const user = (name: string) => ({ seen: { headers: { 'x-auth-request-user': name } } });

const otherBytes: Record<string, Case> = {
  'invalid UTF-8': signed(() =>
    Buffer.concat([Buffer.from('{"sub":"'), Buffer.of(0xff, 0xfe), Buffer.from('"}')]),
  ),
  'overlong UTF-8': signed(() =>
    Buffer.concat([Buffer.from('{"sub":"'), Buffer.of(0xc0, 0xaf), Buffer.from('"}')]),
  ),
  'a surrogate in UTF-8': signed(() => Buffer.from('{"sub":"\u00ed\u00a0\u0080"}', 'latin1')),
  'UTF-16': signed((f) => Buffer.from(json(f), 'utf16le')),
  'a byte order mark': signed((f) => `\ufeff${json(f)}`),
  'a lone surrogate that is escaped': signed((f) => json(f).replace('alice', 'al\\ud800ice')),
  'a lone surrogate in a name': signed((f) => json(f).replace('"sub"', '"\\udfff":1,"sub"')),
};

const notJson: Record<string, Case> = {
  'no JSON': signed(() => 'sub=alice'),
  'a list': signed((f) => `[${json(f)}]`),
  'a text': signed((f) => JSON.stringify(json(f))),
  null: signed(() => 'null'),
  'a number': signed(() => '1'),
  'two objects': signed((f) => json(f) + json(f)),
  'text behind it': signed((f) => `${json(f)}x`),
  'a comment': signed((f) => `${json(f)}/**/`),
  'a trailing comma': signed((f) => `${json(f).slice(0, -1)},}`),
  'single quotes': signed((f) => json(f).replaceAll('"', "'")),
  'a raw newline in a text': signed((f) => json(f).replace('alice', 'ali\nce')),
  NaN: signed((f) => json(f).replace(/"exp":\d+/, '"exp":NaN')),
  'a leading zero': signed((f) => json(f).replace(/"exp":/, '"exp":0')),
  'hex digits': signed((f) => json(f).replace(/"exp":\d+/, '"exp":0xffffffffff')),
};

export const group: Group = {
  number: 3,
  title: 'Size and shape of tokens',
  items: {
    'token of 8 KB / 64 KB / 1 MB': {
      source: 'CVE-2025-61920; RFC 6750 §2.1',
      cases: {
        '8 KB': token((f) => f.sign({ filler: 'x'.repeat(6_000) }), 'allowed', user('alice')),
        '16,385 characters': token((f) => `${f.token}${'A'.repeat(16_385 - f.token.length)}`, tooLarge),
        '64 KB, signed': token((f) => f.sign({ filler: 'x'.repeat(65_536) }), tooLarge, tooLargeForEnvoy),
        '64 KB of one letter': token(() => 'a'.repeat(65_536), tooLarge, tooLargeForEnvoy),
        '64 KB of signature': token((f) => f.token + 'A'.repeat(65_536), tooLarge, tooLargeForEnvoy),
        '1 MB, signed': token(
          (f) => f.sign({ filler: 'x'.repeat(1_048_576) }),
          'request_too_large',
          tooLargeForEnvoy,
        ),
        '16 KB of dots': token(() => '.'.repeat(16_000), malformed),
        '1 MB of dots': token(() => '.'.repeat(1_048_576), 'request_too_large', tooLargeForEnvoy),
      },
    },
    'JSON depth 10⁵': {
      source: 'RFC 8259 §9; CVE-2025-61920',
      cases: {
        'depth 100,000': token((f) => f.signText(nested(100_000)), 'request_too_large', tooLargeForEnvoy),
        'depth 5,900, as deep as the length allows': signed(() => nested(5_900)),
        'depth 33': signed((f) => json(f, { deep: JSON.parse('['.repeat(32) + ']'.repeat(32)) })),
        'depth 32': signed((f) => json(f, { deep: JSON.parse('['.repeat(31) + ']'.repeat(31)) }), 'allowed'),
        'a header of depth 5,900': token((f) => f.signText(json(f), nested(5_900)), malformed),
        'objects in objects': signed(() => `${'{"a":'.repeat(2_000)}1${'}'.repeat(2_000)}`),
      },
    },
    'non-canonical base64url': {
      source: 'RFC 4648 §3.5; RFC 7515 §2',
      cases: {
        'spare bits in the signature': parts((head, body, signature) => {
          const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
          const last = alphabet.indexOf(signature.at(-1) ?? '');
          return `${head}.${body}.${signature.slice(0, -1)}${alphabet[last ^ 1]}`;
        }),
        '+ and / in the signature': parts(
          (head, body, signature) => `${head}.${body}.${signature.slice(0, -4)}+/+A`,
        ),
        'a tilde': parts((head, body) => `${head}.${body}.~~~~`),
        'a letter too many': parts(
          (head, body, signature) => `${head}.${body}.${signature}A`,
          'token_signature_invalid',
        ),
        'a newline in the payload': parts(
          (head, body, signature) => `${head}.${body.slice(0, 4)}\n${body.slice(4)}.${signature}`,
          'authorization_malformed',
          { envoy: { refuses: 400 } },
        ),
        'a space in the payload': parts(
          (head, body, signature) => `${head}.${body.slice(0, 4)} ${body.slice(4)}.${signature}`,
          'authorization_malformed',
        ),
        'an escape in the payload': parts(
          (head, body, signature) => `${head}.${body}%3D.${signature}`,
          'authorization_malformed',
        ),
        'a Kelvin sign': parts(
          (head, body, signature) => `${head}.${body}\u00e2\u0084\u00aa.${signature}`,
          'authorization_malformed',
        ),
        ...otherBytes,
        ...notJson,
      },
    },
    padding: {
      source: 'RFC 7515 §2',
      cases: {
        'behind the signature': parts((head, body, signature) => `${head}.${body}.${signature}==`),
        'behind the payload': parts(
          (head, body, signature) => `${head}.${body}=.${signature}`,
          'authorization_malformed',
        ),
        alone: parts(() => '=', 'authorization_malformed'),
      },
    },
    'five-part JWE': {
      source: 'RFC 7516 §3; CVE-2026-29000',
      cases: {
        'five parts of a token': parts((head, body, signature) =>
          [head, body, signature, body, signature].join('.'),
        ),
        'a JWE that holds a token without a signature': token((f) => {
          const inner = assembleJwt({ header: { alg: 'none' }, payload: f.claims() });
          const head = encodePart({ alg: 'RSA-OAEP-256', enc: 'A256GCM', cty: 'JWT', kid: 'rsa' });
          return [head, encodePart('key'), encodePart('iv'), encodePart(inner), encodePart('tag')].join('.');
        }, malformed),
        'a JWE with direct encryption': token(
          () => [encodePart({ alg: 'dir', enc: 'A128GCM' }), '', 'aaaa', 'aaaa', 'aaaa'].join('.'),
          malformed,
        ),
        'a bomb of zip DEF': token(
          () =>
            [
              encodePart({ alg: 'dir', enc: 'A128GCM', zip: 'DEF' }),
              '',
              'aaaa',
              'A'.repeat(8_000),
              'aaaa',
            ].join('.'),
          malformed,
        ),
        'enc in the header of a JWS': token(
          (f) => f.sign({}, { enc: 'A256GCM', zip: 'DEF' }),
          'allowed',
          user('alice'),
        ),
      },
    },
    'trailing dot': {
      source: 'RFC 7515 §3.1',
      cases: {
        'a trailing dot': parts((head, body, signature) => `${head}.${body}.${signature}.`),
        'a leading dot': parts((head, body, signature) => `.${head}.${body}.${signature}`),
        'an empty signature': parts((head, body) => `${head}.${body}.`),
        'an empty payload': parts((head, _, signature) => `${head}..${signature}`),
        'an empty header': parts((_, body, signature) => `.${body}.${signature}`),
        'two parts': parts((head, body) => `${head}.${body}`),
        'one part': parts((head) => head),
        'dots alone': parts(() => '..'),
        'no JWT at all': parts(() => 'mF_9.B5f-4.1JqM'),
      },
    },
  },
};
