import { hash } from 'node:crypto';
import { expectedIss } from '../config/cluster.ts';
import type { ConfigDraft } from '../config/draft.ts';
import { acceptedUses, keysInFile, usableKeys } from '../config/issuer-keys.ts';
import type { IssuerConfig } from '../config/issuer-schema.ts';
import { type CheckedConfig, checkDocument } from '../config/load.ts';
import type { Nonces } from '../core/binding/nonces.ts';
import { DependencyError } from '../core/denial.ts';
import type { Evidence } from '../core/evidence.ts';
import { parseSigningKey, type SigningKeys } from '../core/internal-token/signing-key.ts';
import type { Policy } from '../core/judgement.ts';
import type { RefusalReason } from '../core/reasons.ts';
import type { TokenAuthority } from '../core/token/authority.ts';
import type { Issuer } from '../core/token/issuers.ts';
import { parseJwks, type VerificationKey } from '../core/token/keys.ts';
import type { Digest } from '../core/token/verify-token.ts';
import { noneUsed } from '../core/used/used-proofs.ts';
import { Malformed } from '../lib/malformed.ts';
import { createPolicy } from '../serve/create-policy.ts';
import { noncesOf } from '../serve/proof-settings.ts';
import { issuerOf, onlyTrustDomain } from '../serve/running-issuers.ts';
import { createBundles } from '../serve/trust-bundles.ts';
import { FixedKeys } from '../sources/local-keys.ts';
import { createJudge } from '../trial/judge.ts';
import { createTrialIssuer, defaultCluster } from '../trial/trial-issuer.ts';
import { presentedToken, withToken } from './presented-token.ts';
import { findRevocationsHere } from './revocations-here.ts';
import type { Judged, Trials } from './trials.ts';

/** Keys from outside of the configuration, by the name of the issuer: the text of a JWK Set. */
export type GivenKeys = ReadonlyMap<string, string>;

/**
 * Judges a request with the keys that are here. If the keys of its issuer are elsewhere, the token counts as
 * signed, and the answer says so. Nothing is fetched, and nobody is asked.
 * @param check checks a draft; by default with the files that are here
 * @throws TypeError if `given` holds something else than usable keys of configured issuers
 */
export function createOfflineTrials(
  evidence: Evidence,
  given: GivenKeys,
  now: number,
  check: (draft: ConfigDraft) => CheckedConfig = ({ document, file, teams }) =>
    checkDocument(document, file, 'here', teams),
): Trials {
  return {
    now,
    try: async (draft) => ({ draft, ...(await createOfflineJudge(check(draft), given, now)(evidence)) }),
  };
}

/** Does the same for one configuration and many checks. */
export function createOfflineJudge(
  loaded: CheckedConfig,
  given: GivenKeys,
  now: number,
): (evidence: Evidence) => Promise<Judged> {
  const offline = createOfflineIssuers(loaded, given, now);
  const { config, found, unverified } = createBundlesHere(loaded, now);
  const signing = createSigningKeysHere(loaded);
  const known = findRevocationsHere(loaded, now);
  const nonces = noncesHere(loaded, now);
  const policyWith = (issuers: readonly Issuer[], digestOf: Digest): Policy => ({
    ...createPolicy(config, issuers, digestOf, found, noneUsed, { signing, nonces: nonces?.made }),
    revocations: known.revocations,
  });
  const usual = policyWith(offline.issuers, digest);
  return async (evidence) => {
    const decision = await createJudge(usual, now)(evidence);
    const believes = nonces?.unverified && evidence.request?.headers.dpop !== undefined;
    const open = [...unverified, ...known.unverified, ...(believes ? [nonces.unverified] : [])];
    const first = { loaded, policy: usual, evidence, decision, unverified: open };
    const sealed = await sealWhatIsSigned(first, offline, now);
    if (!sealed) return first;
    // A proof names the token that was sent, and not the one that stands in for it.
    const { sent, standIn } = sealed;
    const policy = policyWith(sealed.issuers, (text) => digest(text === standIn ? sent : text));
    const believed = await createJudge(policy, now)(sealed.evidence);
    return { ...first, policy, decision: believed, unverified: [...open, sealed.why] };
  };
}

/** The nonces of the service, if the file with their key is here. Otherwise any nonce is believed. */
function noncesHere({ config, files }: CheckedConfig, now: number) {
  const { nonce } = config.dpop;
  if (!nonce) return undefined;
  if (nonce.keyFile !== undefined && files.has(nonce.keyFile))
    return { made: noncesOf(config, { files, now }, undefined), unverified: undefined };
  const made: Nonces = { keys: [], current: () => '', holdsUntil: () => now + nonce.lifetime };
  return { made, unverified: 'the nonce of the proof was not checked: the key of nonces is elsewhere' };
}

interface OfflineIssuers {
  readonly issuers: readonly Issuer[];
  /** Whose keys are elsewhere. */
  readonly withoutKeys: ReadonlySet<string>;
  /** Whose API server must be asked about each token. */
  readonly unasked: ReadonlySet<string>;
}

function createOfflineIssuers(
  { config, files }: CheckedConfig,
  given: GivenKeys,
  now: number,
): OfflineIssuers {
  for (const name of given.keys())
    if (!Object.hasOwn(config.issuers, name))
      throw new TypeError(`--keys: the configuration has no issuer ${JSON.stringify(name)}`);
  const trustDomain = onlyTrustDomain(config);
  const withoutKeys = new Set<string>();
  const unasked = new Set<string>();
  const issuers = Object.entries(config.issuers).map(([name, own]) => {
    const issuer = { trustDomain, ...own };
    const { introspection, kubernetes } = issuer;
    const asksOnly = introspection !== undefined || kubernetes?.verify === 'tokenReview';
    const keys = asksOnly ? undefined : keysHere(name, issuer, files, given);
    if (!asksOnly && !keys) withoutKeys.add(name);
    const reviews = kubernetes !== undefined && kubernetes.verify !== 'jwks';
    if (reviews) unasked.add(name);
    const reason = introspection
      ? 'introspection_unavailable'
      : reviews
        ? 'api_server_unavailable'
        : undefined;
    return issuerOf(name, issuer, expectedIss(issuer, files) ?? (kubernetes && defaultCluster), {
      keys: asksOnly ? undefined : new FixedKeys(keys ?? [], now),
      authority: reason && createSilentAuthority(name, reason),
    });
  });
  return { issuers, withoutKeys, unasked };
}

/** Undefined if they have to be fetched, or if their file is not here. */
function keysHere(
  name: string,
  config: IssuerConfig,
  files: ReadonlyMap<string, string>,
  given: GivenKeys,
): readonly VerificationKey[] | undefined {
  const text = given.get(name);
  if (text !== undefined) {
    const keys = keysInFile({ ...config, keys: undefined }, text);
    if (keys instanceof Malformed) throw new TypeError(`--keys ${name}: the file ${keys.why}`);
    return keys;
  }
  const file = config.keys ?? (typeof config.jwks === 'string' ? config.jwks : undefined);
  const content = file === undefined ? undefined : files.get(file);
  if (file !== undefined && content === undefined) return undefined;
  if (file === undefined && config.jwks === undefined) return undefined;
  const keys =
    content === undefined
      ? usableKeys(parseJwks(config.jwks, acceptedUses(config)))
      : keysInFile(config, content.trim());
  if (keys instanceof Malformed) throw new TypeError(keys.why);
  return keys;
}

/** The keys of `identity.token`, if all of their files are here. */
function createSigningKeysHere({ config, files }: CheckedConfig): SigningKeys | undefined {
  const keys = (config.identity.token?.keyFiles ?? []).map((file) => parseSigningKey(files.get(file) ?? ''));
  const usable = keys.flatMap((key) => (key instanceof Malformed ? [] : key));
  const [first] = usable;
  return first && usable.length === keys.length
    ? { current: () => first, published: () => usable }
    : undefined;
}

function createSilentAuthority(name: string, reason: RefusalReason): TokenAuthority {
  return {
    async ask() {
      throw new DependencyError(reason, `${name} was not asked: --fetch does`, 1);
    },
  };
}

/** Bundles whose file is here. The others are left out, and what they would prove is not checked. */
function createBundlesHere(loaded: CheckedConfig, now: number) {
  const { config, files, resolve } = loaded;
  const { trustDomains } = config.peers;
  const isHere = (one: NonNullable<typeof trustDomains>[string]) =>
    one === null || (one.bundleEndpoint === undefined && (one.bundle === undefined || files.has(one.bundle)));
  const all = Object.entries(trustDomains ?? {});
  const here = Object.fromEntries(all.map(([name, one]) => [name, isHere(one) ? one : null]));
  const unverified = all
    .filter(([, one]) => !isHere(one))
    .map(([name]) => `the bundle of ${name} is elsewhere, so no signature of a certificate was checked`);
  const report = () => undefined;
  const found = createBundles(trustDomains && here, { files, resolve, clock: () => now, report });
  const peers = { ...config.peers, ...(trustDomains && { trustDomains: here }) };
  return { config: { ...config, peers }, found, unverified };
}

/**
 * If nothing but keys was missing, signs the claims again with a key that is here. Undefined if the decision
 * stands as it is.
 */
async function sealWhatIsSigned(
  { decision, evidence, policy, loaded }: Judged,
  { issuers, withoutKeys, unasked }: OfflineIssuers,
  now: number,
) {
  const missing =
    decision.reason === 'token_key_unknown'
      ? withoutKeys
      : decision.reason === 'api_server_unavailable'
        ? unasked
        : undefined;
  const presented = missing && presentedToken(evidence, decision.found.rule);
  const issuer = presented?.jws && policy.tokens.issuers.forJwt(presented.jws);
  const config = issuer && loaded.config.issuers[issuer.name];
  if (!presented?.jws || !config || !missing?.has(issuer.name)) return undefined;
  const { name } = issuer;
  const trustDomain = onlyTrustDomain(loaded.config);
  const trial = createTrialIssuer(name, { trustDomain, ...config }, loaded.files, now);
  const token = await trial.seal(presented.jws.payload, presented.jws.header.typ);
  return {
    issuers: issuers.map((one) => (one.name === name ? trial.issuer : one)),
    evidence: withToken(evidence, presented.text, token),
    ...{ sent: presented.text, standIn: token },
    why:
      missing === unasked
        ? `the token was not verified: its API server was not asked (--fetch asks it)`
        : `the signature of the token was not checked: the keys of ${name} are elsewhere (--fetch asks for them, --keys ${name}=FILE gives them)`,
  };
}

const digest = (token: string): string => hash('sha256', token, 'base64url');
