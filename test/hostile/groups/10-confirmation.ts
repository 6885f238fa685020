import { type Case, each, type Group } from '../case.ts';
import type { Fixture, Workload } from '../fixture.ts';

const malformed = 'confirmation_malformed';
const unsupported = 'confirmation_unsupported';
const mismatch = 'binding_certificate_mismatch';

/** A token with this `cnf`, sent by the shop, unless another sender is named. */
const cnf = (
  make: (thumbprint: string, f: Fixture) => unknown,
  reason: Case['reason'],
  {
    path = '/bound',
    sender = 'shop',
    ...more
  }: { path?: string; sender?: Workload | undefined } & Partial<Case> = {},
): Case => ({
  send: (f) => ({
    path,
    ...(sender && { sender: f.senders[sender] }),
    token: f.sign({ cnf: make(f.senders.shop.thumbprint, f) }),
  }),
  reason,
  ...more,
});

const thumbprint = (
  change: (thumbprint: string, f: Fixture) => unknown,
  reason: Case['reason'] = malformed,
) => cnf((text, f) => ({ 'x5t#S256': change(text, f) }), reason);

/** The same 32 bytes, with a spare bit of the last character set. */
function loose(text: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return text.slice(0, -1) + alphabet[alphabet.indexOf(text.at(-1) ?? '') | 1];
}

const x5t = (f: Fixture) => ({ 'x5t#S256': f.senders.shop.thumbprint });

/** Without a sender; `sender: undefined` would be the default. */
const alone = (make: (f: Fixture) => unknown, path: string, reason: Case['reason']): Case => ({
  send: (f) => ({ path, token: f.sign({ cnf: make(f) }) }),
  reason,
});

export const group: Group = {
  number: 10,
  title: 'Confirmation',
  items: {
    hex: {
      source: 'RFC 8705 §3.1',
      cases: {
        hex: thumbprint((_, f) => f.senders.shop.sha256Hex),
        'hex in capitals with colons': thumbprint((_, f) =>
          f.senders.shop.sha256Hex.toUpperCase().match(/../g)?.join(':'),
        ),
        'base64url of the hex': thumbprint((_, f) =>
          Buffer.from(f.senders.shop.sha256Hex).toString('base64url'),
        ),
      },
    },
    padded: {
      source: 'RFC 7515 §2',
      cases: {
        'with =': thumbprint((text) => `${text}=`),
        'with a space': thumbprint((text) => `${text} `),
        'with a newline': thumbprint((text) => `${text}\n`),
        'with a spare bit': thumbprint(loose),
        'one character short': thumbprint((text) => text.slice(0, -1)),
        'one character long': thumbprint((text) => `${text}A`),
        twice: thumbprint((text) => text + text),
      },
    },
    'standard base64': {
      source: 'RFC 7515 §2',
      cases: {
        '+ and /': thumbprint((text) => `+/${text.slice(2)}`),
        'SHA-1 (x5t)': cnf(
          (_, f) => ({ x5t: f.senders.shop.der.subarray(0, 20).toString('base64url') }),
          unsupported,
        ),
      },
    },
    'wrong hash': {
      source: 'RFC 8705 §3',
      cases: {
        'of another workload': thumbprint((_, f) => f.senders.till.thumbprint, mismatch),
        'of nothing': thumbprint(() => Buffer.alloc(32).toString('base64url'), mismatch),
        'of the PEM': thumbprint(
          (_, f) => Buffer.from(f.senders.shop.keyPem).subarray(0, 32).toString('base64url'),
          mismatch,
        ),
        'in other letters': thumbprint(
          (text) =>
            text.slice(0, 42) === text.slice(0, 42).toUpperCase()
              ? text
              : text.slice(0, 42).toUpperCase() + text.at(-1),
          mismatch,
        ),
        'the right one, stolen by the till': cnf((_, f) => x5t(f), mismatch, { sender: 'till' }),
        'the right one, stolen by somebody of another trust domain': cnf(
          (_, f) => x5t(f),
          'peer_trust_domain_not_allowed',
          { sender: 'foreign' },
        ),
        'the right one, from a workload without a name': cnf((_, f) => x5t(f), mismatch, {
          sender: 'nameless',
        }),
        'the right one, of a workload without a name': {
          send: (f) => ({
            path: '/bound',
            sender: f.senders.nameless,
            token: f.sign({ cnf: { 'x5t#S256': f.senders.nameless.thumbprint } }),
          }),
          reason: 'allowed',
        },
        'the right one passes': cnf((_, f) => x5t(f), 'allowed', {
          seen: { line: { bound_by: 'certificate' } },
        }),
        'stolen, where the workload may prove it too': cnf((_, f) => x5t(f), mismatch, {
          sender: 'till',
          path: '/orders',
        }),
        'a mismatch, where the registered client would do': {
          send: (f) => ({
            path: '/orders',
            sender: f.senders.shop,
            token: f.sign({ cnf: { 'x5t#S256': f.senders.till.thumbprint } }),
          }),
          reason: 'allowed',
          seen: { line: { bound_by: 'workload' } },
        },
      },
    },
    'without a certificate → deny': {
      source: 'RFC 8705 §3',
      cases: {
        'where the certificate must prove it': alone(x5t, '/bound', 'binding_peer_missing'),
        'where either may': alone(x5t, '/orders', 'binding_peer_missing'),
        'where nothing has to be proven': alone(x5t, '/bearer', 'confirmation_unproven'),
        'where nothing has to be proven, with the certificate': cnf(
          (_, f) => x5t(f),
          'confirmation_unproven',
          { path: '/bearer' },
        ),
        'no cnf where the certificate must prove it': {
          send: (f) => ({ path: '/bound', sender: f.senders.shop, token: f.token }),
          reason: 'binding_missing',
        },
        'a token of nobody where either may': {
          send: (f) => ({
            path: '/orders',
            sender: f.senders.shop,
            token: f.sign({ client_id: 'somebody' }),
          }),
          reason: 'binding_missing',
        },
        'cnf in the header of the token': {
          send: (f) => ({ path: '/bound', sender: f.senders.shop, token: f.sign({}, { cnf: x5t(f) }) }),
          reason: 'binding_missing',
        },
        'cnf in another claim': {
          send: (f) => ({
            path: '/bound',
            sender: f.senders.shop,
            token: f.sign({ act: { sub: 'somebody', cnf: x5t(f) }, CNF: x5t(f) }),
          }),
          reason: 'binding_missing',
        },
      },
    },
    'only `jkt` → deny unless proven': {
      source: 'RFC 9449 §6.1; RFC 7800 §3.2 to §3.5',
      cases: {
        jkt: cnf(() => ({ jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' }), 'confirmation_unproven'),
        'jkt where nothing has to be proven': cnf(() => ({ jkt: 'x' }), malformed, { path: '/bearer' }),
        'jkt beside the right thumbprint': cnf((text) => ({ 'x5t#S256': text, jkt: 'x' }), unsupported),
        'jkt null beside it': cnf((text) => ({ 'x5t#S256': text, jkt: null }), unsupported),
        jwk: cnf((_, f) => ({ jwk: f.keys.stranger.publicJwk }), 'confirmation_unproven'),
        jwe: cnf(() => ({ jwe: 'eyJhbGciOiJSU0EtT0FFUCJ9....' }), unsupported),
        kid: cnf(() => ({ kid: 'ec' }), unsupported),
        jku: cnf((_, f) => ({ jku: f.lure }), unsupported),
        'in other letters': cnf((text) => ({ 'x5t#s256': text }), unsupported),
        __proto__: {
          send: (f) => ({
            path: '/bound',
            sender: f.senders.shop,
            token: f.signText(
              `${JSON.stringify(f.claims()).slice(0, -1)},"cnf":{"__proto__":${JSON.stringify(x5t(f))}}}`,
            ),
          }),
          reason: unsupported,
        },
        'a DPoP header beside it proves nothing here': {
          send: (f) => ({
            path: '/bound',
            sender: f.senders.shop,
            token: f.sign({ cnf: { jkt: f.dpop.thumbprint } }),
            headers: [['dpop', f.sign({}, { typ: 'dpop+jwt' })]],
          }),
          reason: 'confirmation_unproven',
        },
      },
    },
    'as string or array': {
      source: 'RFC 7800 §3.1',
      cases: {
        ...each(
          [
            ['a text', 'x'],
            ['a list', ['x5t#S256']],
            ['null', null],
            ['true', true],
            ['false', false],
            ['a number', 0],
            ['empty', {}],
          ] as const,
          ([what, value]) => [what, cnf(() => value, malformed)],
        ),
        'the thumbprint itself': cnf((text) => text, malformed),
        'a list of it': cnf((text) => [{ 'x5t#S256': text }], malformed),
        'a thumbprint that is a list': thumbprint((text) => [text]),
        'a thumbprint that is null': thumbprint(() => null),
        'a thumbprint that is empty': thumbprint(() => ''),
        'null where nothing has to be proven': cnf(() => null, malformed, { path: '/bearer' }),
      },
    },
    'old certificate after rotation': {
      source: 'RFC 8705 §6.3',
      cases: {
        'where the certificate must prove it': cnf((_, f) => x5t(f), mismatch, { sender: 'rotated' }),
        'where the workload may': cnf((_, f) => x5t(f), 'allowed', {
          sender: 'rotated',
          path: '/orders',
          seen: { line: { bound_by: 'workload' } },
        }),
        'the old certificate with a new token': {
          send: (f) => ({
            path: '/bound',
            sender: f.senders.shop,
            token: f.sign({ cnf: { 'x5t#S256': f.senders.rotated.thumbprint } }),
          }),
          reason: mismatch,
        },
      },
    },
  },
};
