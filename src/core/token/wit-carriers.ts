/**
 * Every name that the drafts of WIMSE give to workload identity tokens and their proofs, in one place,
 * because drafts move them: draft-ietf-wimse-wpt-02 put the proof into `Authorization` and took `ath` away,
 * and SPIFFE's library for Go still speaks -01. WIT: draft-ietf-wimse-workload-creds-02, and WIT-SVID of
 * SPIFFE.
 */
export const wit = {
  /** The header of the token (workload-creds §3.1.1). */
  header: 'workload-identity-token',
  /** Its `typ`. */
  type: 'wit+jwt',
  /** The value of `use` of its keys in a SPIFFE bundle (WIT-SVID §6). */
  keyUse: 'wit-svid',
} as const;

export const wpt = {
  /** `typ` of the proof (wpt-02 §2). */
  type: 'wpt+jwt',
  /** What the proof holds the hash of, by the claim that holds it. */
  claims: {
    identityToken: 'wth',
    /** Only in wpt-01. */
    accessToken: 'ath',
    transactionToken: 'tth',
    otherTokens: 'oth',
  },
  /** Of the token that `tth` is for (draft-ietf-oauth-transaction-tokens §8). */
  transactionTokenHeader: 'txn-token',
} as const;

/** Where a draft has the proof. */
export interface ProofCarrier {
  readonly header: string;
  /** The scheme in front of it, in lower case. Absent: the header holds the proof alone. */
  readonly scheme?: string;
}

/** One row for each draft that is spoken. The first one is the default. */
export const wptDrafts = {
  'wpt-02': { header: 'authorization', scheme: 'wpt' },
  'wpt-01': { header: 'workload-proof-token' },
} as const satisfies Record<string, ProofCarrier>;

export type WptDraft = keyof typeof wptDrafts;
export const wptDraftNames = Object.keys(wptDrafts) as WptDraft[];

/** The challenge of wpt-02 §2.1. It has no parameters. */
export const wptChallenge = 'WPT';
