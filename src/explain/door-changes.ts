import { parseSpiffeId } from '../core/peer/spiffe-id.ts';
import { Malformed } from '../lib/malformed.ts';
import type { Propose } from './change.ts';
import { refusedIn } from './refused.ts';

/** The sidecar of Peerproof, as the detail names it. */
export const nameSidecar: Propose = ({ decision }) => {
  const [, text = ''] = /\{sidecar: "([^"]*)"\}/.exec(refusedIn(decision)?.detail ?? '') ?? [];
  const id = parseSpiffeId(text);
  if (id instanceof Malformed) return [];
  return [
    {
      amendments: [{ kind: 'set', path: ['http', 'xfcc'], value: { sidecar: id.uri } }],
      what: 'names the sidecar of Peerproof, so that its element is dropped',
      also: 'every request whose sender the asking proxies name, if it meets its rule',
    },
  ];
};

/** The header with the peer, which came and is not read. */
export const readForwarded: Propose = ({ evidence }) =>
  evidence.peer.missing?.includes('http.xfcc is none')
    ? [
        {
          amendments: [{ kind: 'set', path: ['http', 'xfcc'], value: 'direct' }],
          what: 'reads x-forwarded-client-cert as the asking proxy sends it',
          also: 'every request whose sender the header names. Do this only if no client can send checks itself',
        },
      ]
    : [];
