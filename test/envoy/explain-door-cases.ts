import type { RefusalReason } from '../../src/core/reasons.ts';
import { createCa } from '../support/ca.ts';
import { request } from '../support/client.ts';
import { IDS } from '../support/mesh.ts';
import { type EnvoyCase, sends } from './explain-case.ts';

/** Refusals over HTTP, behind a sidecar, with bundles, and in the place of an oauth2-proxy. */

const strangers = createCa();

/** A workload of another trust domain, at a proxy that takes every certificate. */
const from = (trustDomain: string, words: RegExp): EnvoyCase =>
  sends(
    async (mesh) => ({
      ...{ who: await (await strangers).svid(`spiffe://${trustDomain}/ns/a/sa/b`), path: '/bearer/1' },
      token: mesh.mint(),
    }),
    words,
    undefined,
    'edge',
  );

/** The query of this path is that of the proxy, so it holds nothing else. */
const asNginx = (path: string, words: RegExp): EnvoyCase => ({
  ask: (mesh) =>
    request(mesh.target('as-nginx'), {
      path,
      headers: [['authorization', `Bearer ${mesh.mint({ groups: ['guests'] })}`]],
    }),
  words,
});

export const doorCases = {
  request_malformed: sends(
    (mesh) => ({ who: 'client', path: '/bearer/1', token: mesh.mint() }),
    /http\.pathPrefix is \/check[\s\S]*with the configuration of the proxy/,
    undefined,
    'elsewhere',
  ),
  proxy_not_allowed: asNginx(
    '/closed',
    /127\.0\.0\.1 is not in proxies[\s\S]*address of the proxy to proxies/,
  ),
  peer_own_sidecar: sends(
    (mesh) => ({ who: 'client', path: '/orders/7', token: mesh.mint() }),
    /our own sidecar wrote the last element/,
    new RegExp(`sidecar: ${IDS.peerproof}`),
    'through',
  ),
  peer_chain_untrusted: from('bundled.example', /peer_chain_untrusted – [\s\S]*that the bundle is current/),
  bundle_unavailable: from('fetched.example', /the bundle of fetched\.example [\s\S]*\/readyz/),
  email_not_verified: sends(
    (mesh) => ({
      ...{ who: 'client', path: '/bearer/1' },
      token: mesh.mint({ email: 'bob@example.com', email_verified: false }),
    }),
    /email_verified is not true[\s\S]*Verify the address at the issuer/,
  ),
  group_not_allowed: asNginx(
    '/auth?allowed_groups=admins',
    /the token has the groups guests; the proxy wants one of admins/,
  ),
} satisfies Partial<Record<RefusalReason, EnvoyCase>>;
