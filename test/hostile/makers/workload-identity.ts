import type { Claims } from '../../support/jwt-signer.ts';
import { digestOf, signWit, signWpt, witClaims } from '../../support/wit-fixture.ts';
import type { Case, HeaderLines, Input } from '../case.ts';
import type { Fixture } from '../fixture.ts';

/** Whose key the WIT holds, and who signs the proof. */
export type Holder = 'shopHolder' | 'tillHolder';

/** A WIT of the shop. */
export const wit = (f: Fixture, claims: Claims = {}, header: Claims = {}, holder: Holder = 'shopHolder') =>
  signWit(f.keys.wits, witClaims(f.keys[holder], claims, f.now), header);

/** A proof for it at `/wit`. */
export const wpt = (
  f: Fixture,
  token: string,
  claims: Claims = {},
  header: Claims = {},
  holder: Holder = 'shopHolder',
) => signWpt(f.keys[holder], token, { aud: 'https://orders.example.com/wit', ...claims }, header, f.now);

export const tokenLine = (token: string) => ['Workload-Identity-Token', token] as const;
export const proofLine = (proof: string) => ['Authorization', `WPT ${proof}`] as const;

/** A request with these headers. A proof passes once, so each is looked at in one view only. */
export const sent = (
  make: (f: Fixture, token: string) => HeaderLines,
  reason: Case['reason'],
  { input = {}, ...more }: Partial<Case> & { readonly input?: Partial<Input> } = {},
): Case => ({
  send: (f) => ({ path: '/wit', ...input, headers: make(f, wit(f)) }),
  reason,
  hash: null,
  ...more,
});

/** A WIT of the shop with a proof that has these claims. */
export const proven = (
  claims: Claims | ((f: Fixture, token: string) => Claims),
  reason: Case['reason'],
  {
    header = {},
    holder,
    ...more
  }: Partial<Case> & {
    readonly header?: Claims;
    readonly holder?: Holder;
    readonly input?: Partial<Input>;
  } = {},
): Case =>
  sent(
    (f, token) => {
      const made = typeof claims === 'function' ? claims(f, token) : claims;
      return [tokenLine(token), proofLine(wpt(f, token, made, header, holder))];
    },
    reason,
    more,
  );

/** The shop's access token, with its WIT and a proof for both. */
export const beside = (
  make: (f: Fixture) => {
    readonly token?: string;
    readonly wit?: string;
    readonly claims?: Claims;
    readonly holder?: Holder;
  },
  reason: Case['reason'],
  more: Partial<Case> = {},
): Case => ({
  send: (f) => {
    const { token = f.token, wit: one = wit(f), claims, holder } = make(f);
    const named = { aud: 'https://orders.example.com/beside', ath: digestOf(token), ...claims };
    const proof = signWpt(f.keys[holder ?? 'shopHolder'], one, named, {}, f.now);
    return { path: '/beside', token, headers: [tokenLine(one), ['Workload-Proof-Token', proof]] };
  },
  reason,
  hash: null,
  ...more,
});

/** A WIT with these claims and header, with a good proof. */
export const issued = (claims: (f: Fixture) => Claims, reason: Case['reason'], header: Claims = {}): Case =>
  sent((f) => {
    const token = wit(f, claims(f), header);
    return [tokenLine(token), proofLine(wpt(f, token))];
  }, reason);
