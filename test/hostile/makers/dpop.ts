import type { DpopClient, ProvenRequest } from '../../support/dpop-client.ts';
import type { Claims } from '../../support/jwt-signer.ts';
import type { Case, HeaderLines, Input } from '../case.ts';
import type { Fixture } from '../fixture.ts';
import type { HttpCase } from '../http-case.ts';

/** Cases of a token that is bound to the key of `dpop`. */

export const url = 'https://orders.example.com/keyed';
export const malformed = 'proof_malformed';
export const target = 'proof_target_mismatch';

export function keyed(f: Fixture, more: Claims = {}): string {
  return f.sign({ cnf: { jkt: f.dpop.thumbprint }, ...more });
}

export function good(f: Fixture, token: string, client: DpopClient = f.dpop): string {
  return client.proof({ token, url });
}

export function lines(token: string, ...proofs: readonly string[]): HeaderLines {
  return [['authorization', `DPoP ${token}`], ...proofs.map((proof) => ['dpop', proof] as const)];
}

/** These header lines with a good token. */
export function sends(
  make: (f: Fixture, token: string) => HeaderLines,
  reason: Case['reason'],
  more: Partial<Case> = {},
): Case {
  return { send: (f) => ({ path: '/keyed', headers: make(f, keyed(f)) }), reason, ...more };
}

/** The client sends its own token with a proof that differs from a good one in these parts. */
export function proof(
  make: (f: Fixture) => Partial<ProvenRequest>,
  reason: Case['reason'],
  input: Input = {},
  more: Partial<Case> = {},
): Case {
  return {
    send: (f) => {
      const token = keyed(f);
      return { path: '/keyed', ...input, headers: lines(token, f.dpop.proof({ token, url, ...make(f) })) };
    },
    reason,
    ...onceOnly(reason),
    ...more,
  };
}

/** A proof that was accepted in one view would be a replay in the other one. */
export function onceOnly(reason: Case['reason']): Pick<Case, 'hash'> {
  return reason === 'allowed' ? { hash: null } : {};
}

type Parts = Claims | ((f: Fixture) => Claims);

export function claims(more: Parts, reason: Case['reason']): Case {
  return proof((f) => ({ claims: of(more, f) }), reason);
}

export function header(more: Parts, reason: Case['reason']): Case {
  return proof((f) => ({ header: of(more, f) }), reason);
}

function of(parts: Parts, f: Fixture): Claims {
  return typeof parts === 'function' ? parts(f) : parts;
}

/** The same at the HTTP door, which Envoy asks. */
export function toEnvoy(
  make: (f: Fixture, token: string) => HeaderLines,
  reason: HttpCase['reason'],
): HttpCase {
  return { setup: 'check', ask: (f) => ({ target: '/keyed', headers: make(f, keyed(f)) }), reason };
}

/** The same, where nginx describes the request in headers. */
export function toNginx(
  make: (f: Fixture, token: string) => HeaderLines,
  reason: HttpCase['reason'],
): HttpCase {
  const described: HeaderLines = [
    ['x-original-method', 'GET'],
    ['x-original-host', 'orders.example.com'],
    ['x-original-uri', '/keyed'],
  ];
  return {
    setup: 'nginx',
    ask: (f) => ({ target: '/oauth2/auth', headers: [...make(f, keyed(f)), ...described] }),
    reason,
  };
}
