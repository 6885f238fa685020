import type { LoadedConfig } from '../config/load.ts';
import type { Config, RuleConfig } from '../config/schema.ts';
import type { Issuer } from '../core/token/issuers.ts';
import { listRules } from '../serve/create-policy.ts';
import { createJudge, type Judge } from '../trial/judge.ts';
import { createTrial, type Trial } from '../trial/trial.ts';
import type { TrialIssuer } from '../trial/trial-issuer.ts';

/** One of the two configurations that are compared. */
export interface Side {
  readonly file: string;
  readonly text: string;
  readonly config: Config;
  readonly rules: readonly RuleConfig[];
  readonly trial: Trial;
  readonly judge: Judge;
  /** By what their tokens say of them, because an issuer may have another name on the other side. */
  readonly issuers: ReadonlyMap<string, TrialIssuer>;
  /** Accepted trust domains. */
  readonly trustDomains: readonly string[];
}

/** @param now milliseconds since the epoch; both sides need the same */
export function createSide(loaded: LoadedConfig, now: number): Side {
  const { file, text, config } = loaded;
  const trial = createTrial(loaded, now);
  const rules = listRules(config);
  return {
    ...{ file, text, config, rules, trial },
    judge: createJudge(trial.policy, now),
    issuers: new Map([...trial.issuers.values()].map((one) => [identityOf(one.issuer), one])),
    trustDomains: Object.keys(config.peers.trustDomains ?? {}),
  };
}

/** What tells the tokens of an issuer from those of another: `iss`, else the trust domain, else its name. */
export function identityOf({ iss, profile, trustDomain, name }: Issuer): string {
  // The issuer of JWT-SVIDs may have the same `iss`, and a WIT need not have it.
  if (profile === 'wit') return `WITs of spiffe://${trustDomain ?? ''}`;
  return iss ?? (profile === 'jwt-svid' && trustDomain ? `spiffe://${trustDomain}` : `issuer ${name}`);
}
