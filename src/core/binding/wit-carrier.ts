import { Denial } from '../denial.ts';
import type { PresentedRequest } from '../evidence.ts';
import { isOfScheme, namesScheme } from '../token/scheme.ts';
import { type ProofCarrier, type WptDraft, wptDrafts } from '../token/wit-carriers.ts';

/** `token68` of RFC 9110 §11.2 without padding, which a JWT never has. */
const token68 = /^[A-Za-z0-9._~+/-]+$/;

/**
 * The one proof of a request, from where the accepted drafts have it. Two proofs are refused, also if they
 * are in two places: none of them is chosen.
 */
export function readWorkloadProof(request: PresentedRequest, drafts: readonly WptDraft[]): string | Denial {
  let found: string | undefined;
  for (const draft of drafts) {
    const carrier: ProofCarrier = wptDrafts[draft];
    const proof = readFrom(request.headers[carrier.header], carrier);
    if (proof === undefined) continue;
    if (proof instanceof Denial) return proof;
    if (found !== undefined) return ambiguous('a proof in each of two headers');
    found = proof;
  }
  return found ?? new Denial('proof_missing', `wit: no proof in ${drafts.map(describeCarrier).join(' or ')}`);
}

function readFrom(value: string | undefined, { header, scheme }: ProofCarrier): string | undefined | Denial {
  if (value === undefined || value === '') return undefined;
  if (scheme === undefined) return value.includes(',') ? ambiguous(`several values of ${header}`) : value;
  if (value.includes(',') && namesScheme(value, scheme)) return ambiguous(`several values of ${header}`);
  if (!isOfScheme(value, scheme)) return undefined;
  const start = endOfSpaces(value, scheme.length);
  const proof = value.slice(start);
  const named = value.slice(0, scheme.length).toLowerCase() === scheme && start > scheme.length;
  return named && token68.test(proof)
    ? proof
    : new Denial('proof_malformed', `wit: ${header} is not "${scheme.toUpperCase()}", a space and one proof`);
}

/** After the spaces between scheme and credentials (`1*SP`, RFC 9110 §11.4). */
function endOfSpaces(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) === 0x20) at++;
  return at;
}

function describeCarrier(draft: WptDraft): string {
  const { header, scheme }: ProofCarrier = wptDrafts[draft];
  return scheme === undefined ? header : `${header} (${scheme.toUpperCase()})`;
}

function ambiguous(why: string): Denial {
  return new Denial('proof_ambiguous', `wit: ${why}`);
}
