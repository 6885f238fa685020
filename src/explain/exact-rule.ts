import { normalizePath } from '../core/policy/path.ts';
import { claimAt } from '../core/token/claim-path.ts';
import { recordOf } from '../lib/json.ts';
import { Malformed } from '../lib/malformed.ts';
import { type Change, type Propose, placeOf, writtenIn } from './change.ts';
import type { Tried } from './trials.ts';

/**
 * A rule before the one that refused: for this method, host and path alone, and for this peer, issuer and
 * subject. It requires what the other rule does, without the scopes that the token does not have.
 */
export const addExactRule: Propose = ({ decision: { found }, evidence, loaded, draft }) => {
  const { rule, token, peer } = found;
  const place = rule && placeOf(loaded.config, rule.name);
  const match = exactMatch({ evidence, loaded });
  if (!place || !token || !match) return [];
  const written = recordOf(writtenIn({ draft, loaded }, place));
  const { name, match: whole, require } = written;
  const { scopes, ...others } = recordOf(require);
  const held = rule.scopes.filter((scope) => token.scopes.includes(scope));
  const id = peer?.spiffeId?.uri;
  const { subject } = token;
  const value = {
    name: `${String(name).slice(0, 50)}-exact`,
    match: { ...recordOf(whole), ...match },
    require: {
      ...others,
      ...(held.length > 0 && { scopes: held }),
      issuers: [token.issuer],
      ...(id && { peers: [id] }),
      ...(subject !== undefined &&
        claimAt(token.claims, ['sub']) === subject && {
          claims: { ...recordOf(others.claims), sub: subject },
        }),
    },
  };
  const list = place.slice(0, -1);
  const change: Change = {
    amendments: [{ kind: 'insert', path: list, index: Number(place.at(-1)), value }],
    what: `adds a rule for exactly this request before the rule ${rule.name}`,
    also: `this request again, with every token of the same subject, issuer and sender. A token that has the scopes is the better way`,
  };
  return [change];
};

/** The method, host and path of a request as a rule names them. Undefined if a rule cannot name them. */
export function exactMatch({
  evidence: { request },
  loaded: { config },
}: Pick<Tried, 'evidence' | 'loaded'>) {
  if (!request) return undefined;
  const path = normalizePath(request.path, config.paths);
  if (path instanceof Malformed || `${request.host}${path.text}`.includes('*')) return undefined;
  return { hosts: [request.host], methods: [request.method], paths: [path.text] };
}
