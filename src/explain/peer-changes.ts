import type { Amendment } from '../config/amend.ts';
import { tokenProfile } from '../config/issuer-schema.ts';
import { parseSpiffeId } from '../core/peer/spiffe-id.ts';
import type { PeerSource } from '../core/peer/verify-peer.ts';
import { Malformed } from '../lib/malformed.ts';
import { onlyTrustDomain } from '../serve/running-issuers.ts';
import { append, type Change, type Propose, placeOf } from './change.ts';
import { refusedIn } from './refused.ts';
import type { Tried } from './trials.ts';

/** The trust domain of the peer. It stands in the detail: a peer of another one is not verified. */
export const addTrustDomain: Propose = ({ decision, loaded: { config } }) => {
  const detail = refusedIn(decision)?.detail ?? '';
  const id = parseSpiffeId(/spiffe:\/\/[^\s"';,]+/.exec(detail)?.[0] ?? '');
  if (id instanceof Malformed) return [];
  const only = onlyTrustDomain(config);
  // An issuer without a trust domain belongs to the only one, and there will be two.
  const belonging = Object.entries(config.issuers).filter(
    ([, issuer]) =>
      issuer.trustDomain === undefined && ['service-account', 'jwt-svid'].includes(tokenProfile(issuer)),
  );
  return [
    {
      amendments: [
        { kind: 'set', path: ['peers', 'trustDomains', id.trustDomain], value: {} },
        ...(only === undefined ? [] : belonging).map(([name]): Amendment => {
          return { kind: 'set', path: ['issuers', name, 'trustDomain'], value: only };
        }),
      ],
      what: `believes the workloads of the trust domain ${id.trustDomain}`,
      also: `every workload of ${id.trustDomain} that a rule accepts. Without a bundle, the proxies alone check its certificates`,
    },
  ];
};

/** The peer in the list of the rule. */
export const addPeer: Propose = ({ decision: { found }, loaded }) => {
  const { rule, peer } = found;
  const place = rule && placeOf(loaded.config, rule.name);
  const id = peer?.spiffeId?.uri;
  if (!place || !id) return [];
  return [
    {
      amendments: [append([...place, 'require', 'peers'], id)],
      what: `adds the workload to the peers of the rule ${rule.name}`,
      also: `every request of ${id} that the rule ${rule.name} covers and that meets its other requirements`,
    },
  ];
};

/** A source that holds a peer, and that `peers.from` leaves out. */
export const addPeerSource: Propose = (tried) =>
  sources.flatMap(({ source, isSent }): readonly Change[] => {
    if (tried.loaded.config.peers.from.includes(source) || !isSent(tried)) return [];
    return [
      {
        amendments: [append(['peers', 'from'], source)],
        what: `also reads the peer from ${source}`,
        also: `requests whose peer is named only there. Do this only if clients cannot write it themselves`,
      },
    ];
  });

/** A client can write `x-client-certificate` itself, so that source is never proposed. */
const sources: readonly { readonly source: PeerSource; readonly isSent: (tried: Tried) => boolean }[] = [
  { source: 'attribute', isSent: ({ evidence }) => Boolean(evidence.peer.certificate) },
  {
    source: 'xfcc',
    isSent: ({ evidence }) => Boolean(evidence.request?.headers['x-forwarded-client-cert']),
  },
  { source: 'principal', isSent: ({ evidence }) => Boolean(evidence.peer.principal) },
];
