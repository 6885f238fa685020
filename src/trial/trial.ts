import { hash } from 'node:crypto';
import type { CheckedConfig } from '../config/load.ts';
import type { RuleConfig } from '../config/schema.ts';
import type { Decision } from '../core/decision.ts';
import type { Evidence } from '../core/evidence.ts';
import type { Policy } from '../core/judgement.ts';
import type { Certificate } from '../core/peer/certificate.ts';
import type { AssertionType } from '../core/token/client-assertion.ts';
import { noneUsed } from '../core/used/used-proofs.ts';
import { Cache } from '../lib/cache.ts';
import type { JsonObject } from '../lib/json.ts';
import { createPolicy } from '../serve/create-policy.ts';
import { onlyTrustDomain } from '../serve/running-issuers.ts';
import { createJudge, type Judge } from './judge.ts';
import { createTrialIssuer, type TrialIssuer } from './trial-issuer.ts';
import { certificateOf, presentPeer, type TrialPeer } from './trial-peer.ts';
import { createTrialProver, type TrialProver, trialNonces } from './trial-proof.ts';
import { holderConfirmation, presentWorkloadToken } from './trial-wit.ts';

/** A made-up request: what is sent, and who sends it. */
export interface TrialRequest {
  /** `tcp`: a connection, of which only destination, port, context and peer are known. Default: `http`. */
  readonly protocol?: 'http' | 'tcp' | undefined;
  readonly method: string;
  readonly host: string;
  /** With the query. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The SPIFFE ID of the called workload. */
  readonly destination?: string | undefined;
  readonly port?: number | undefined;
  /** Envoy's context_extensions. */
  readonly context?: Readonly<Record<string, string>> | undefined;
  readonly token?: TrialToken | undefined;
  /** Sends a token request of this client without a token. Empty: the request does not name it. */
  readonly client?: string | undefined;
  readonly peer?: TrialPeer | undefined;
}

export interface TrialToken {
  /** The name of its issuer in the configuration. */
  readonly issuer: string;
  /** See `completeClaims`. */
  readonly claims?: JsonObject | undefined;
  readonly header?: JsonObject | undefined;
  /** Binds the token to the certificate of the peer, or of another one (`cnf`, RFC 8705 §3.1). */
  readonly bound?: boolean | TrialPeer | undefined;
  /** Binds the token to a key (`cnf.jkt`), and sends it with a proof of this key (RFC 9449). */
  readonly dpop?: boolean | undefined;
  /** Sends it as the client assertion of this client (RFC 7523 §2.2), not in `Authorization`. */
  readonly clientId?: string | undefined;
  /** The type of the client assertion. With `jwt-spiffe` the client may be left out. Default: `jwt-bearer`. */
  readonly assertion?: AssertionType | undefined;
  /** Sends this text in place of a minted token. */
  readonly text?: string | undefined;
}

/** A configuration whose issuers and certificates are made up, so that any request can be tried. */
export interface Trial {
  readonly policy: Policy;
  readonly issuers: ReadonlyMap<string, TrialIssuer>;
  readonly prover: TrialProver;
  /** @throws TypeError if the configuration has no issuer of that name */
  evidence(request: TrialRequest): Promise<Evidence>;
  /** The decision of the service's own check. */
  decide(request: TrialRequest): Promise<Decision>;
  /** The same check with other rules, for evidence of this trial. They replace all rules and workloads. */
  judgeRules(rules: readonly RuleConfig[]): Judge;
}

/** A trial makes up few certificates, and none may be dropped before it is judged. */
const mostCertificates = 1_000_000;

/**
 * Prepares trials of a configuration. Nothing is fetched. Tokens are signed with keys of the trial's own, and
 * certificates are not signed at all: bundles are **not** checked.
 * @param now milliseconds since the epoch; time stands still
 */
export function createTrial({ config, files }: CheckedConfig, now: number): Trial {
  const trustDomain = onlyTrustDomain(config);
  const issuers = new Map(
    Object.entries(config.issuers).map(([name, issuer]) => [
      name,
      createTrialIssuer(name, { trustDomain, ...issuer }, files, now),
    ]),
  );
  const running = [...issuers.values()].map(({ issuer }) => issuer);
  const nonces = config.dpop.nonce && trialNonces;
  const policy: Policy = {
    ...createPolicy(config, running, digest, new Map(), noneUsed, { nonces }),
    certificates: new Cache<Certificate>(2 * mostCertificates, () => 1),
  };
  const { certificates, tokenCache } = policy;
  const judge = createJudge(policy, now);
  const prover = createTrialProver(policy.proofs.dpop, now);
  const mint = createMint(issuers, prover, now);
  const evidence = (request: TrialRequest) => createEvidence(request, policy, { mint, prover }, now);
  return {
    ...{ policy, issuers, prover, evidence },
    decide: async (request) => judge(await evidence(request)),
    judgeRules(rules) {
      const changed = createPolicy(
        { ...config, rules: [...rules], workloads: {}, teams: [], lastRules: [] },
        running,
        digest,
        new Map(),
        noneUsed,
        { nonces },
      );
      // What certificates and tokens say does not depend on rules.
      return createJudge({ ...changed, certificates, tokenCache }, now);
    },
  };
}

const digest = (token: string): string => hash('sha256', token, 'base64url');

async function createEvidence(
  {
    protocol,
    method,
    host,
    path,
    headers,
    destination = '',
    port = 0,
    context = {},
    token,
    client,
    peer,
  }: TrialRequest,
  { peers, certificates, proofs, tokens }: Policy,
  { mint, prover }: { readonly mint: Mint; readonly prover: TrialProver },
  now: number,
): Promise<Evidence> {
  const presented = peer && presentPeer(peer, peers, certificates, now);
  const connection = { peer: presented?.peer ?? {}, destination: { principal: destination, port }, context };
  if (protocol === 'tcp') return connection;
  const text = token && (await mint(token, peer));
  // Its issuer has only such tokens, and they are presented in no other way.
  const isWit = token && tokens.issuers.named(token.issuer)?.profile === 'wit';
  const credential =
    isWit && text !== undefined
      ? { headers: presentWorkloadToken(text, { host, path }, proofs.wit, now), body: undefined }
      : token && text !== undefined
        ? present(token, text)
        : client === undefined
          ? undefined
          : tokenRequest({ client_id: client });
  const proof = token?.dpop && { dpop: prover.prove({ method, host, path }, text ?? '') };
  return {
    ...connection,
    request: {
      ...{ method, host, path },
      headers: { ...headers, ...presented?.headers, ...credential?.headers, ...proof },
      ...(credential?.body !== undefined && { body: credential.body }),
    },
  };
}

type Mint = (token: TrialToken, peer: TrialPeer | undefined) => Promise<string>;

/** The same token for the same claims: a caller sends one token many times, and to sign one takes long. */
function createMint(issuers: ReadonlyMap<string, TrialIssuer>, { jkt }: TrialProver, now: number): Mint {
  const minted = new Map<string, Promise<string>>();
  return async ({ issuer: name, claims = {}, header, bound, dpop, text }, peer) => {
    if (text !== undefined) return text;
    const issuer = issuers.get(name);
    if (!issuer) throw new TypeError(`the configuration has no issuer ${JSON.stringify(name)}`);
    const holder = bound === true ? (peer ?? {}) : bound;
    const cnf = holder && { cnf: { 'x5t#S256': certificateOf(holder, now).thumbprint } };
    const isWit = issuer.issuer.profile === 'wit';
    const signed = {
      ...cnf,
      ...(dpop && { cnf: { jkt } }),
      ...(isWit && { cnf: holderConfirmation }),
      ...claims,
    };
    const key = JSON.stringify([name, signed, header]);
    const known = minted.get(key) ?? issuer.mint(signed, header);
    minted.set(key, known);
    return known;
  };
}

function present({ clientId, assertion, dpop }: TrialToken, text: string) {
  if (clientId === undefined && assertion === undefined)
    return { headers: { authorization: `${dpop ? 'DPoP' : 'Bearer'} ${text}` }, body: undefined };
  return tokenRequest({
    client_id: clientId,
    client_assertion_type: `urn:ietf:params:oauth:client-assertion-type:${assertion ?? 'jwt-bearer'}`,
    client_assertion: text,
  });
}

/** A parameter without a value is left out. */
function tokenRequest(parameters: Readonly<Record<string, string | undefined>>) {
  const form = new URLSearchParams({ grant_type: 'client_credentials' });
  for (const [name, value] of Object.entries(parameters)) if (value) form.set(name, value);
  return { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: form.toString() };
}
