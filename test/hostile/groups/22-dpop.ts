import { createHash } from 'node:crypto';
import type { Group } from '../case.ts';
import {
  claims,
  good,
  keyed,
  lines,
  malformed,
  onceOnly,
  proof,
  sends,
  target,
  toEnvoy,
  toNginx,
  url,
} from '../makers/dpop.ts';

export const group: Group = {
  number: 22,
  title: 'DPoP',
  items: {
    'right sender': {
      source: 'RFC 9449 §7.1',
      cases: {
        'a proof of its key': proof(() => ({}), 'allowed', {}, { seen: { line: { bound_by: 'dpop' } } }),
        'where a certificate would do too': {
          send: (f) => {
            const token = keyed(f);
            const proven = f.dpop.proof({ token, url: 'https://orders.example.com/proven' });
            return { path: '/proven', headers: lines(token, proven), sender: f.senders.shop };
          },
          reason: 'allowed',
          ...onceOnly('allowed'),
          seen: { line: { bound_by: 'dpop' } },
        },
        'with a query, which the proof leaves out': proof(() => ({}), 'allowed', { path: '/keyed?a=b' }),
        'another spelling of the address': proof(
          () => ({ url: 'HTTPS://ORDERS.example.com:443/%6beyed?x#y' }),
          'allowed',
        ),
      },
      http: {
        'to Envoy': toEnvoy((f, token) => lines(token, good(f, token)), 'allowed'),
        'to nginx': toNginx((f, token) => lines(token, good(f, token)), 'allowed'),
      },
    },
    'stolen by another key': {
      source: 'RFC 9449 §4.3 step 12, §7.1',
      cases: {
        'the proof of the thief': sends(
          (f, token) => lines(token, good(f, token, f.dpopThief)),
          'proof_key_mismatch',
        ),
        'with the certificate of the client as well': {
          send: (f) => {
            const token = keyed(f);
            return {
              path: '/proven',
              sender: f.senders.shop,
              headers: lines(token, f.dpopThief.proof({ token, url: 'https://orders.example.com/proven' })),
            };
          },
          reason: 'proof_key_mismatch',
        },
        'the key of the client, signed by the thief': proof(
          (f) => ({ signer: f.dpopThief.signer }),
          'proof_signature_invalid',
        ),
        'a signature that is cut off': sends(
          (f, token) => lines(token, good(f, token).replace(/[^.]*$/, 'A'.repeat(84))),
          'proof_signature_invalid',
        ),
        'a signature of nothing but zeros': sends(
          (f, token) => lines(token, good(f, token).replace(/[^.]*$/, 'A'.repeat(86))),
          'proof_signature_invalid',
        ),
      },
      http: {
        'to Envoy': toEnvoy((f, token) => lines(token, good(f, token, f.dpopThief)), 'proof_key_mismatch'),
        'to nginx': toNginx((f, token) => lines(token, good(f, token, f.dpopThief)), 'proof_key_mismatch'),
      },
    },
    downgraded: {
      source: 'RFC 9449 §7.1 and §7.2',
      cases: {
        'as Bearer': sends((_, token) => [['authorization', `Bearer ${token}`]], 'token_scheme_downgraded'),
        'as Bearer, with a good proof': sends(
          (f, token) => [
            ['authorization', `Bearer ${token}`],
            ['dpop', good(f, token)],
          ],
          'token_scheme_downgraded',
        ),
        'as Bearer, where nothing has to be proven': {
          send: (f) => ({ path: '/bearer', token: keyed(f) }),
          reason: 'confirmation_unproven',
        },
        'as Bearer, from the registered workload': {
          send: (f) => ({ path: '/proven', token: keyed(f), sender: f.senders.shop }),
          reason: 'token_scheme_downgraded',
        },
        'without a proof': sends((_, token) => lines(token), 'proof_missing'),
        'with an empty proof': sends((_, token) => lines(token, ''), 'proof_missing'),
        'a token that is bound to nothing': {
          send: (f) => ({ path: '/keyed', headers: lines(f.token, good(f, f.token)) }),
          reason: 'binding_missing',
        },
        'a token that is bound to a certificate': {
          send: (f) => {
            const token = f.bound();
            return { path: '/bound', sender: f.senders.shop, headers: lines(token, good(f, token)) };
          },
          reason: 'binding_missing',
        },
        'a plain token where nothing has to be proven': {
          send: (f) => ({ path: '/bearer', headers: lines(f.token, good(f, f.token)) }),
          reason: 'binding_missing',
        },
        'a token that is bound to the text of the key': {
          send: (f) => {
            const token = keyed(f, { cnf: { jkt: JSON.stringify(f.dpop.publicJwk) } });
            return { path: '/keyed', headers: lines(token, good(f, token)) };
          },
          reason: 'confirmation_malformed',
        },
      },
    },
    'another request': {
      source: 'RFC 9449 §4.3 steps 8 and 9, §11.7; RFC 3986 §6.2',
      cases: {
        method: claims({ htm: 'POST' }, 'proof_method_mismatch'),
        'method in small letters': claims({ htm: 'get' }, 'proof_method_mismatch'),
        'method with a blank': claims({ htm: 'GET ' }, 'proof_method_mismatch'),
        'the proof of a GET for a DELETE': proof(() => ({}), 'proof_method_mismatch', { method: 'DELETE' }),
        path: proof(() => ({ url: `${url}/1` }), target),
        'a slash at the end': proof(() => ({ url: `${url}/` }), target),
        'path in capitals': proof(() => ({ url: url.toUpperCase() }), target),
        host: proof(() => ({ url: 'https://billing.example.com/keyed' }), target),
        'host with a final dot': proof(() => ({ url: 'https://orders.example.com./keyed' }), target),
        port: proof(() => ({ url: 'https://orders.example.com:8443/keyed' }), target),
        'plain http': proof(() => ({ url: 'http://orders.example.com/keyed' }), target),
        'the host as a user of another one': proof(
          () => ({ url: 'https://orders.example.com@evil.example/keyed' }),
          malformed,
        ),
        'the host after a user': proof(() => ({ url: 'https://evil@orders.example.com/keyed' }), malformed),
        'a backslash': proof(() => ({ url: 'https://orders.example.com\\keyed' }), malformed),
        'a list of addresses': claims({ htu: [url] }, malformed),
        'an escaped slash': proof(() => ({ url: 'https://orders.example.com%2Fkeyed' }), malformed),
        'the host that the client wrote into a header': {
          send: (f) => {
            const token = keyed(f);
            const proven = f.dpop.proof({ token, url: 'https://billing.example.com/keyed' });
            return {
              path: '/keyed',
              headers: [
                ...lines(token, proven),
                ['x-forwarded-host', 'billing.example.com'],
                ['forwarded', 'host=billing.example.com;proto=https'],
              ],
            };
          },
          reason: target,
        },
      },
      http: {
        'the address that the proxy asks at': toNginx(
          (f, token) => lines(token, f.dpop.proof({ token, url: 'https://orders.example.com/oauth2/auth' })),
          target,
        ),
      },
    },
    'another token': {
      source: 'RFC 9449 §4.3 step 12, §11.6',
      cases: {
        'the hash of another one of the same client': claims(
          (f) => ({
            ath: createHash('sha256')
              .update(keyed(f, { jti: 'other' }))
              .digest('base64url'),
          }),
          'proof_token_mismatch',
        ),
        'no hash': claims({ ath: undefined }, 'proof_token_mismatch'),
        'the hash in hex': claims({ ath: createHash('sha256').digest('hex') }, 'proof_token_mismatch'),
        'a hash that is null': claims({ ath: null }, 'proof_token_mismatch'),
      },
    },
  },
};
