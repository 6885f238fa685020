import { parseConfig } from '../../../src/config/load.ts';
import { ConfigError } from '../../../src/config/problem.ts';
import { configText } from '../../support/peerproof.ts';
import { type Case, each, type Group } from '../case.ts';
import { rotations } from '../stories/rotation.ts';
import type { Story } from '../story.ts';

const unavailable = 'issuer_unavailable';

/** A token of an issuer whose keys are fetched in the way that `misbehaviour.ts` gives this name. */
const keys = (name: string, reason: Case['reason'], header: Record<string, unknown> = {}): Case => ({
  send: (f) => ({ path: `/${name}/x`, token: f.sign({ iss: f.issuers[name] }, header) }),
  reason,
  world: 'asked',
});
const sets = (...names: readonly string[]) =>
  each(names, (name) => [name.replace('keys-', ''), keys(name, unavailable)]);

/** Such a configuration is not even taken. */
const refusedSetting = (issuer: Record<string, unknown>): Story => ({
  reasons: [],
  only: 'pure',
  tell: async ({ t }) => {
    const config = { issuers: { corp: { audiences: ['orders'], ...issuer } }, rules: [{ name: 'all' }] };
    t.throws(() => parseConfig(configText(config as never), 'test.yaml'), { instanceOf: ConfigError });
    return [];
  },
});

export const group: Group = {
  number: 15,
  title: 'Key sets (JWKS)',
  items: {
    'down at start': {
      source: 'CVE-2026-31837: no key is better than a known one',
      cases: {
        down: keys('keys-down', unavailable),
        'down, and signed by a stranger': {
          ...keys('keys-down', unavailable),
          send: (f) => ({
            path: '/keys-down/x',
            token: f.sign({ iss: f.issuers['keys-down'] }, {}, 'stranger'),
          }),
        },
        'down, and no algorithm': keys('keys-down', 'token_algorithm_not_allowed', { alg: 'none' }),
        'down, and HMAC': keys('keys-down', 'token_algorithm_not_allowed', { alg: 'HS256' }),
        'down, and a critical header': keys('keys-down', 'token_malformed', { crit: ['x'] }),
        'down, and a key of its own in the token': {
          ...keys('keys-down', unavailable),
          send: (f) => ({
            path: '/keys-down/x',
            token: f.sign(
              { iss: f.issuers['keys-down'] },
              { jwk: f.keys.stranger.publicJwk, jku: f.lure },
              'stranger',
            ),
          }),
        },
        'down, and no token': {
          send: () => ({ path: '/keys-down/x' }),
          reason: 'token_missing',
          world: 'asked',
        },
        'another issuer goes on': keys('keys-good', 'allowed'),
        'another issuer goes on, and its unknown kid is no outage': keys('keys-good', 'token_key_unknown', {
          kid: 'unknown',
        }),
      },
    },
    '500': { source: 'RFC 9110 §15.6', cases: sets('keys-500', 'keys-404', 'keys-204', 'keys-reset') },
    HTML: {
      source: 'captive portals and login pages',
      cases: sets('keys-html', 'keys-html-200', 'keys-nothing'),
    },
    empty: {
      source: 'RFC 7517 §5',
      cases: sets(
        'keys-empty',
        'keys-null',
        'keys-list',
        'keys-object',
        'keys-useless',
        'keys-encryption',
        'keys-hundred',
      ),
    },
    '50 MB': { source: 'CWE-400', cases: sets('keys-50mb') },
    'slow drip': { source: 'CWE-400: slow loris', cases: sets('keys-drip', 'keys-hang') },
    'redirect to a metadata address': {
      source: 'CWE-918; OIDC Discovery §4',
      cases: sets('keys-redirect', 'keys-redirect-308', 'keys-other-issuer'),
    },
    'http scheme': {
      source: 'RFC 8414 §2: jwks_uri uses https',
      cases: sets('keys-http', 'keys-file', 'keys-no-uri', 'keys-uri-list'),
      stories: {
        'an issuer over http is no setting': refusedSetting({ issuer: 'http://login.example.com' }),
        'keys over http are no setting': refusedSetting({
          issuer: 'https://login.example.com',
          jwksUri: 'http://login.example.com/jwks',
        }),
        'keys in a file of this machine by URL are no setting': refusedSetting({
          issuer: 'https://login.example.com',
          jwksUri: 'file:///etc/passwd',
        }),
        'keys with a password in their URL are no setting': refusedSetting({
          issuer: 'https://login.example.com',
          jwksUri: 'https://a:b@login.example.com/jwks',
        }),
      },
    },
    'rotation, key removed': { source: 'OIDC Core §10.1.1', stories: rotations },
  },
};
