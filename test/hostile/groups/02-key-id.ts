import { type Case, each, type Group, token } from '../case.ts';
import { keyFloods } from '../stories/key-floods.ts';

const unknown = 'token_key_unknown';
const malformed = 'token_malformed';

const kid = (value: unknown, reason: Case['reason']): Case =>
  token((f) => f.sign({}, { kid: value }), reason);

/** Names that some reader of keys takes for a file, a query or a property. */
const names: readonly string[] = [
  '../../ec',
  '../../../../dev/null',
  '/etc/passwd',
  'file:///dev/null',
  'http://169.254.169.254/',
  "' UNION SELECT 'key' --",
  '$(id)',
  'ec\0',
  'ec\n',
  'EC',
  ' ec',
  'ec ',
  'e\u0441',
  '',
  '*',
  '.*',
  '__proto__',
  'constructor',
  'stranger',
];

const signedByStranger = (header: Record<string, unknown>, reason: Case['reason']): Case =>
  token((f) => f.sign({}, header, 'stranger'), reason);

/** Ways to bring a key along, in the words of RFC 7515 §4.1. */
const brought: Record<string, (f: Parameters<Case['send']>[0]) => Record<string, unknown>> = {
  jwk: (f) => ({ jwk: f.keys.stranger.publicJwk }),
  'jwk of the right name': (f) => ({ jwk: { ...f.keys.stranger.publicJwk, kid: 'ec' } }),
  jku: (f) => ({ jku: f.lure }),
  'jku at the issuer': () => ({ jku: 'https://login.example.com/jwks' }),
  x5u: (f) => ({ x5u: f.lure }),
  x5c: (f) => ({ x5c: [f.senders.till.der.toString('base64')] }),
  'x5t#S256': (f) => ({ 'x5t#S256': f.senders.till.thumbprint }),
};

const carriers = Object.fromEntries(
  Object.entries(brought).flatMap(([what, header]) => [
    [`${what}, with its own kid`, token((f) => f.sign({}, header(f), 'stranger'), unknown)],
    [
      `${what}, under the kid of a known key`,
      token((f) => f.sign({}, { ...header(f), kid: 'ec' }, 'stranger'), 'token_signature_invalid'),
    ],
    [
      `${what}, without kid`,
      token((f) => f.sign({}, { ...header(f), kid: undefined }, 'stranger'), 'token_signature_invalid'),
    ],
  ]),
);

export const group: Group = {
  number: 2,
  title: 'Key IDs and critical headers',
  items: {
    'absent (bounded tries)': {
      source: 'RFC 7515 §4.1.4',
      cases: {
        'absent, signed by a known key': token((f) => f.sign({}, { kid: undefined }), 'allowed'),
        'absent, signed by nobody we know': signedByStranger({ kid: undefined }, 'token_signature_invalid'),
        'absent, where five keys would have to be tried': token(
          (f) => f.keys.anonymous[0]?.sign(f.claims({ iss: 'https://crowd.example.com' })) ?? '',
          unknown,
        ),
        'a name, where the only key has none': token(
          (f) => f.sign({ iss: 'https://single.example.com' }, { kid: 'some' }, 'nameless'),
          unknown,
        ),
      },
    },
    duplicate: {
      source: 'RFC 7517 §4.5',
      cases: {
        'the first of two keys of one name': token((f) => f.sign({}, {}, 'twin'), 'allowed'),
        'the second of two keys of one name': token((f) => f.sign({}, {}, 'twin2'), 'allowed'),
        'the name of two keys, and neither signed': signedByStranger(
          { kid: 'twin' },
          'token_signature_invalid',
        ),
        'the name of five keys': token(
          (f) => f.keys.crowd[4]?.sign(f.claims({ iss: 'https://crowd.example.com' })) ?? '',
          unknown,
        ),
        'kid twice in the header, the last one good': token(
          (f) => f.signText(JSON.stringify(f.claims()), '{"alg":"ES256","kid":"rsa","kid":"ec"}'),
          'allowed',
        ),
        'kid twice in the header, the last one bad': token(
          (f) => f.signText(JSON.stringify(f.claims()), '{"alg":"ES256","kid":"ec","kid":"rsa"}'),
          unknown,
        ),
      },
    },
    '`../../`': {
      source: 'CVE-2018-0114; RFC 7515 §4.1.4',
      cases: each(names, (name) => [JSON.stringify(name), kid(name, unknown)]),
    },
    '64 KB': {
      source: 'CVE-2025-61920',
      cases: {
        '64 KB': { ...kid('k'.repeat(65_536), 'token_too_large'), envoy: { refuses: 431 } },
        '257 characters': kid('k'.repeat(257), malformed),
        '256 characters': kid('k'.repeat(256), unknown),
      },
    },
    'a number': {
      source: 'RFC 7515 §4.1.4',
      cases: each([1, 0, null, true, ['ec'], { kid: 'ec' }], (value) => [
        `${JSON.stringify(value)} (${typeof value})`,
        kid(value, malformed),
      ]),
    },
    '`jku`/`x5u`/`jwk`/`x5c` ignored': {
      source: 'RFC 8725 §3.10; CVE-2018-0114',
      cases: {
        ...carriers,
        'all of them beside a good signature': token(
          (f) => f.sign({}, { jwk: f.keys.stranger.publicJwk, jku: f.lure, x5u: f.lure, x5c: ['AAAA'] }),
          'allowed',
        ),
      },
    },
    'unknown `crit` → deny': {
      source: 'RFC 7515 §4.1.11; CVE-2025-59420',
      cases: each(
        [['exp'], ['ghost'], ['alg', 'kid'], [], null, 'exp', {}, false, ['b64']] as unknown[],
        (crit) => [JSON.stringify(crit), token((f) => f.sign({}, { crit, ghost: 1 }), malformed)],
      ),
    },
    '`b64: false`': {
      source: 'RFC 7797 §6, §7',
      cases: {
        ...each([false, true, 'false', null], (b64) => [
          `${JSON.stringify(b64)} without crit`,
          token((f) => f.sign({}, { b64 }), malformed),
        ]),
        'false with crit': token((f) => f.sign({}, { b64: false, crit: ['b64'] }), malformed),
        'a payload that is not encoded': token((f) => {
          const head = Buffer.from('{"alg":"ES256","kid":"ec","b64":false,"crit":["b64"]}').toString(
            'base64url',
          );
          const input = `${head}.${JSON.stringify(f.claims())}`;
          return `${input}.${f.keys.ec.signature(input).toString('base64url')}`;
        }, 'authorization_ambiguous'),
      },
    },
    'a flood of unknown ones (fetch limit and negative cache)': {
      source: 'RFC 7517; oauth2-proxy and Authorino issues on unbounded fetches',
      stories: keyFloods,
    },
  },
};
