import type { Decision } from '../core/decision.ts';
import { type Case, describeRequest } from './cases.ts';
import type { CaseResult } from './run.ts';

const unsafe = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\ufffe\uffff]/gu;

/** A text that no terminal obeys and that XML can hold. It stands on one line. */
export function shown(text: string): string {
  return text.replace(unsafe, '\ufffd');
}

/** `1 test`, `2 tests`. */
export function counted(number: number, what: string): string {
  return `${number} ${number === 1 ? what : `${what}s`}`;
}

/** `file:line`, and the line starts at 1. */
export function placeOf({ place }: Case): string {
  const { file, line } = place();
  return shown(`${file}:${line}`);
}

/** A failure in rows: what it is, and what it says. All texts are safe for a terminal. */
export function explainFailure({
  case: { request, from },
  decision,
  differences,
}: CaseResult): readonly (readonly [what: string, text: string])[] {
  const { peer, token } = request;
  const who = [
    from,
    peer && (peer.spiffeId ?? 'a certificate without a SPIFFE ID'),
    peer?.via && `through ${peer.via}`,
    token && `a token of ${token.issuer}`,
  ].filter((part) => part !== undefined);
  const rows: [string, string][] = [
    ['request', describeRequest(request)],
    ['from', who.join(', ') || 'a sender without certificate and token'],
    ['expected', differences.map(({ what, expected }) => `${what} ${expected}`).join(', ')],
    ['came', differences.map(({ what, came }) => `${what} ${came}`).join(', ')],
    ['decision', describeDecision(decision)],
  ];
  return rows.map(([what, text]) => [what, shown(text)]);
}

/** The decision in a sentence. */
export function describeDecision(decision: Decision): string {
  const rule = decision.found.rule ? `the rule ${decision.found.rule.name}` : 'no rule';
  const [why, detail] =
    decision.reason === 'observed'
      ? [`observed, would deny: ${decision.wouldDeny.reason}`, decision.wouldDeny.detail]
      : [decision.reason, 'detail' in decision ? decision.detail : undefined];
  return `${decision.effect} (${why}) by ${rule}${detail ? `: ${detail}` : ''}`;
}
