import { legacyIssuer } from '../core/token/service-account.ts';
import { isRecord, type JsonObject, textOf } from '../lib/json.ts';
import { wrongScheme } from '../sources/https-only.ts';
import { asksIssuer, findCluster } from './cluster.ts';

type Key = readonly string[];

/** Collects findings about one issuer. Keys are relative to the issuer. */
interface Findings {
  say(key: Key, message: string): void;
  want(key: Key, file: unknown): void;
  warn(key: Key, message: string): void;
}

const keySources = ['jwksUri', 'jwks', 'keys', 'bundleEndpoint'];
/** The settings that each way of authenticating needs. */
const credentials: Record<string, readonly string[]> = {
  client_secret_basic: ['clientSecretFile'],
  client_secret_post: ['clientSecretFile'],
  private_key_jwt: ['keyFile'],
  tls_client_auth: ['certFile', 'keyFile'],
};

/** Checks the settings of one issuer against each other. Works on the raw document, like `crossCheck`. */
export function crossCheckIssuer(issuer: JsonObject, domains: readonly string[], findings: Findings): void {
  const { say, want, warn } = findings;
  const cluster = isRecord(issuer.kubernetes) ? issuer.kubernetes : undefined;
  const introspection = isRecord(issuer.introspection) ? issuer.introspection : undefined;
  const sources = keySources.filter((key) => issuer[key] !== undefined);
  if (sources.length > 1)
    say([sources[1] as string], `${sources.join(' and ')} cannot be combined: keep one of them`);
  if (introspection && (sources[0] ?? cluster))
    say(['introspection'], `cannot be combined with ${sources[0] ?? 'kubernetes'}: keep one of them`);
  if (cluster?.verify === 'tokenReview' && sources[0])
    say([sources[0]], 'has no effect with kubernetes.verify: tokenReview: remove it, or set verify: both');

  const discovers = sources.length === 0 && !introspection && (!cluster || asksIssuer(issuer));
  if (discovers) checkDiscovery(issuer, say);
  for (const [key, url] of [
    [['jwksUri'], issuer.jwksUri],
    [['bundleEndpoint'], issuer.bundleEndpoint],
    [['introspection', 'endpoint'], introspection?.endpoint],
    [['kubernetes', 'apiServer'], cluster?.apiServer],
    [['issuer'], discovers ? issuer.issuer : undefined],
  ] as const) {
    const wrong = wrongScheme(url, issuer.allowInsecureHttp);
    if (wrong) say(key, wrong);
  }

  for (const key of ['jwks', 'keys', 'ca']) want([key], issuer[key]);
  if (cluster) checkCluster(issuer, cluster, findings);
  if (introspection) checkIntrospection(introspection, findings);
  checkTrustDomain(issuer, domains, say);

  if (issuer.accept !== 'wit')
    checkAudiences(issuer, cluster !== undefined && cluster.verify !== 'jwks', say);
  if (issuer.allowInsecureHttp === true)
    warn(['allowInsecureHttp'], 'connections to this issuer use plain http');
  if (issuer.allowInsecureNoAudience === true)
    warn(['allowInsecureNoAudience'], 'a token without aud is valid at every service');
  if (issuer.allowInsecureNoExpiry === true)
    warn(['allowInsecureNoExpiry'], 'a token without exp never expires');
}

function checkAudiences(
  { audiences, allowInsecureNoAudience }: JsonObject,
  asksApiServer: boolean,
  say: Findings['say'],
): void {
  if (Array.isArray(audiences) ? audiences.length > 0 : audiences !== undefined) return;
  const wrong =
    audiences === undefined
      ? 'is missing: must be a list with at least one audience'
      : 'must hold at least one audience';
  if (asksApiServer) say(['audiences'], `${wrong}: the API server checks each token for them`);
  else if (allowInsecureNoAudience !== true)
    say(['audiences'], `${wrong}: a token without an audience is valid at every service`);
}

function checkDiscovery({ issuer }: JsonObject, say: Findings['say']): void {
  if (issuer === legacyIssuer)
    say(['issuer'], 'has no discovery: set keys, jwks, or kubernetes with verify: tokenReview');
  else if (typeof issuer !== 'string')
    say(['issuer'], issuer === undefined ? 'is missing: must be a string' : 'must be a string');
  else if (!/^https?:\/\/[^@?#\s]+$/.test(issuer) || !URL.canParse(issuer))
    say(
      ['issuer'],
      'must be an https URL without user, query and fragment, such as https://login.example.com',
    );
}

function checkCluster(issuer: JsonObject, cluster: JsonObject, { say, want }: Findings): void {
  const found = findCluster(issuer);
  if (asksIssuer(issuer)) want(['kubernetes', 'tokenFile'], cluster.tokenFile);
  else if (!found)
    say(
      ['kubernetes', 'apiServer'],
      'is missing, and Peerproof does not run in a pod: set a URL, such as https://10.0.0.1:6443',
    );
  else {
    want(['kubernetes', 'ca'], found.ca);
    want(['kubernetes', 'tokenFile'], found.tokenFile);
  }
}

function checkIntrospection(introspection: JsonObject, { say, want }: Findings): void {
  const authentication = textOf(introspection.authentication ?? 'client_secret_basic');
  for (const key of Object.hasOwn(credentials, authentication) ? (credentials[authentication] ?? []) : [])
    if (introspection[key] === undefined)
      say(['introspection', key], `is missing: ${authentication} needs it`);
  for (const key of ['clientSecretFile', 'keyFile', 'certFile'])
    want(['introspection', key], introspection[key]);
}

function checkTrustDomain(issuer: JsonObject, domains: readonly string[], say: Findings['say']): void {
  if (issuer.trustDomain !== undefined) return;
  if (issuer.accept === 'jwt-svid' && domains.length !== 1)
    say(['trustDomain'], 'is missing: set the trust domain that issues these JWT-SVIDs');
  if (issuer.kubernetes !== undefined && domains.length > 1)
    say(
      ['kubernetes'],
      'needs trustDomain beside it: there are several trust domains, and the workloads of this cluster are in one of them',
    );
}
