import { isRecord, recordOf } from '../lib/json.ts';
import { append, type Change, type Propose, placeOf, writtenAt } from './change.ts';
import { namedClient } from './presented-token.ts';

/** The proof for a token that is bound to a certificate or to a key. */
export const acceptProofOfToken: Propose = ({ decision: { found }, loaded }) => {
  const { rule, token } = found;
  const proof = Object.hasOwn(recordOf(token?.confirmation), 'jkt') ? 'dpop' : 'certificate';
  const place = rule && placeOf(loaded.config, rule.name);
  if (!place || rule.binding.includes(proof)) return [];
  return [
    {
      amendments: [{ kind: 'insert', path: [...place, 'require', 'binding'], index: 0, value: proof }],
      what: `also accepts the proof ${proof} in the rule ${rule.name}`,
      also: acceptedBy[proof],
    },
  ];
};

/** What such a proof lets in. */
const acceptedBy = {
  certificate: 'tokens that are bound to a certificate, from the workload that has this certificate',
  dpop: 'tokens that are bound to a key, from the client that has this key',
} as const;

/** The proof by workload, which holds after a rotation too. */
export const acceptWorkload: Propose = ({ decision: { found }, loaded }) => {
  const { rule } = found;
  const place = rule && placeOf(loaded.config, rule.name);
  if (!place || rule.binding.includes('workload')) return [];
  return [
    {
      amendments: [
        { kind: 'set', path: [...place, 'require', 'binding'], value: [...rule.binding, 'workload'] },
      ],
      what: `also accepts the proof workload in the rule ${rule.name}`,
      also: `every certificate of the workload that a token belongs to, and not only the one that it is bound to`,
    },
  ];
};

/** The client of the token, registered for the workload that sent it. */
export const registerClient: Propose = ({ decision: { found }, evidence, loaded, draft }) => {
  const { token, peer, rule } = found;
  const id = namedClient(evidence, rule) ?? token?.clientId;
  const workload = peer?.spiffeId?.uri;
  if (!id || !workload || id.length > 256 || id === '__proto__') return [];
  const written = writtenAt(draft.document.raw, ['clients', id]);
  const known = Object.hasOwn(loaded.config.clients, id) ? loaded.config.clients[id] : undefined;
  const path = isRecord(written) ? ['clients', id, 'workloads'] : ['clients', id];
  const amendments: Change['amendments'] =
    known?.issuers && token && !known.issuers.includes(token.issuer)
      ? [append(path, workload), append(['clients', id, 'issuers'], token.issuer)]
      : [append(path, workload)];
  return [
    {
      amendments,
      what: `registers the client ${id} for the workload`,
      also: `${workload} with every token of the client ${id}, also one that it took from another workload`,
    },
  ];
};
