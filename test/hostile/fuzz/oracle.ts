import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { jwtVerify } from 'jose';
import type { Decision } from '../../../src/core/decision.ts';
import type { Evidence } from '../../../src/core/evidence.ts';
import { NOW } from '../../support/check-world.ts';
import type { Claims } from '../../support/jwt-signer.ts';
import type { Minted } from './tokens.ts';
import { certificates, IDS, type IssuerName, issuers, PUBLIC_PATH } from './world.ts';

/**
 * Why an allow may stand, found out a second time and in another way: jose for the token, WHATWG URL for the path,
 * node:crypto for the certificate, the list of what was signed here for everything else. Throws where it may not.
 */
export async function mayPass(
  { effect, reason, found }: Decision,
  evidence: Evidence,
  token: Minted | undefined,
  chained: boolean,
): Promise<void> {
  if (effect !== 'allow') return;
  const rule = found.rule?.name ?? assert.fail('allowed by no rule');
  assert.equal(rule, ruleOf(evidence), 'another rule covers this request');
  if (reason === 'public') {
    assert.ok(rule === 'health' || rule === 'echo', `${rule} is not public`);
    return;
  }
  if (rule !== 'bearer') peerHolds(found.peer, evidence, chained);
  if (!evidence.request) {
    assert.equal(found.peer?.spiffeId?.uri, IDS.shop);
    return;
  }
  assert.ok(token, 'without a token that was signed here');
  assert.equal(presentedToken(evidence, rule), token.signed, 'with a token that nobody signed');
  assert.ok(token.by, 'with a token of a stranger');
  const [header = '', payload = ''] = token.signed.split('.');
  const claims = jsonOf(payload);
  assert.equal(issuerOf(claims), token.by, 'with a token of another issuer');
  await verifies(token.signed, token.by);
  const { crit, b64 } = jsonOf(header);
  assert.ok(crit === undefined && b64 === undefined, 'with a critical header');
  bindingHolds(claims, found.peer, rule, token.by, evidence);
  if (rule === 'strict') strictHolds(claims, evidence, token.by);
}

function jsonOf(segment: string): Claims {
  return JSON.parse(Buffer.from(segment, 'base64url').toString('utf8'));
}

/** The rule that covers a check, as a browser would read its path. */
function ruleOf({ request, destination, context }: Evidence): string | undefined {
  if (!request) return destination.port === 7 ? 'echo' : 'database';
  const { pathname } = new URL(`http://host${request.path}`);
  const path = decodeURIComponent(pathname).replace(/(?<=.)\/$/, '');
  const host = request.host.toLowerCase().replace(/:\d+$/, '').replace(/\.$/, '');
  const [first, second] = path.split('/').slice(1);
  if (path === PUBLIC_PATH) return 'health';
  if (path === '/bearer') return 'bearer';
  if (path === '/token' && request.method === 'POST') return 'token';
  if (first === 'strict' && /^orders\.[^.]+\.com$/.test(host) && context.policy === 'orders') return 'strict';
  return first === 'orders' || second === undefined ? 'bound' : undefined;
}

function presentedToken({ request }: Evidence, rule: string): string | undefined {
  if (rule === 'token') return new URLSearchParams(request?.body).get('client_assertion') ?? undefined;
  return request?.headers.authorization?.split(' ')[1];
}

function issuerOf({ iss, sub }: Claims): IssuerName | undefined {
  if (iss === undefined) return String(sub).startsWith('spiffe://cluster.local/') ? 'spire' : undefined;
  // The name of SPIRE's issuer counts too, though its tokens need not have it.
  if (iss === 'https://spire.example') return 'spire';
  const names = Object.keys(issuers) as IssuerName[];
  return names.find((name) => issuers[name].iss === iss);
}

const algorithms = ['RS256', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'];

/** With any of the issuer's keys, so that jose need not choose by `kid`. */
async function verifies(token: string, by: IssuerName): Promise<void> {
  const { iss, audience, signers } = issuers[by];
  const failures: unknown[] = [];
  for (const { publicKey } of signers)
    try {
      await jwtVerify(token, publicKey, {
        algorithms,
        audience: by === 'corp' ? ['orders', 'billing'] : audience,
        ...(iss !== undefined && { issuer: iss }),
        clockTolerance: 30,
        currentDate: new Date(NOW),
        requiredClaims: ['exp'],
      });
      return;
    } catch (error) {
      failures.push(error);
    }
  assert.fail(`jose does not accept it: ${failures.join('; ')}`);
}

type Peer = Decision['found']['peer'];

/** What is said of the peer is what the proxy said of it. */
function peerHolds(peer: Peer, { peer: shown, request }: Evidence, chained: boolean): void {
  assert.ok(peer, 'without a peer');
  const { source, spiffeId, thumbprint, via } = peer;
  const header = request?.headers[source === 'xfcc' ? 'x-forwarded-client-cert' : 'x-client-certificate'];
  if (via) assert.equal(via.uri, IDS.gateway, 'another proxy was believed');
  // Without a name it is a thumbprint and nothing else (RFC 8705).
  assert.match(
    spiffeId?.uri ?? 'spiffe://cluster.local/none',
    /^spiffe:\/\/cluster\.local\/[A-Za-z0-9._/-]+$/,
  );
  assert.ok(spiffeId || thumbprint, 'a peer that is nobody');
  if (source === 'attribute' || source === 'x-client-certificate') {
    const pem = decodeURIComponent((source === 'attribute' ? shown.certificate : header) ?? '');
    const x509 = new X509Certificate(pem);
    assert.equal(
      Buffer.from(x509.fingerprint256.replaceAll(':', ''), 'hex').toString('base64url'),
      thumbprint,
    );
    if (spiffeId) assert.equal(x509.subjectAltName, `URI:${spiffeId.uri}`);
    else assert.doesNotMatch(x509.subjectAltName ?? '', /URI:spiffe:/i);
    assert.ok(x509.validFromDate.getTime() <= NOW && NOW < x509.validToDate.getTime(), 'not valid now');
    assert.ok(!x509.ca, 'a CA');
    if (chained && spiffeId) assert.ok(isIssued(x509), 'nobody signed this certificate');
  } else if (source === 'xfcc') {
    // The name may stand in a Cert, so only what no Cert could hide is looked for.
    assert.ok(!spiffeId || header?.includes(`URI=${spiffeId.uri}`) || /Cert=/i.test(header ?? ''));
    if (chained && spiffeId) assert.match(header ?? '', /Cert=/i);
  } else {
    assert.equal(shown.principal, spiffeId?.uri);
    assert.ok(!chained, 'a name is no certificate');
  }
}

/** Whether what was signed of it is what one of the mesh's authorities signed. */
function isIssued(x509: X509Certificate): boolean {
  const body = bodyOf(x509.raw);
  return [certificates.shop, certificates.till, certificates.gateway, certificates.behind].some(({ der }) =>
    bodyOf(der).equals(body),
  );
}

/** The `tbsCertificate`: the first member of the outer SEQUENCE, whose two-byte length all of these have. */
function bodyOf(der: Buffer): Buffer {
  return der.subarray(4, 4 + 4 + der.readUInt16BE(6));
}

function bindingHolds(
  { cnf, act, may_act: mayAct, iss, sub, client_id: clientId, azp }: Claims,
  peer: Peer,
  rule: string,
  by: IssuerName,
  { request }: Evidence,
): void {
  actorsHold(act, mayAct, { iss, clientId: clientId ?? azp });
  if (rule === 'bearer') {
    assert.equal(cnf, undefined, 'a bound token without its proof');
    return;
  }
  const id = peer?.spiffeId?.uri ?? 'nobody';
  const actor = act as Party | undefined;
  const isOwnName = actor?.iss === undefined || actor.iss === iss;
  const isWorkload = actor?.sub?.startsWith('spiffe://') ?? false;
  const workloads: Record<string, string | undefined> = {
    shop: IDS.shop,
    ...(by === 'partner' && { till: IDS.till }),
  };
  const client = String(
    actor === undefined
      ? (clientId ?? azp)
      : actor.client_id !== undefined
        ? isOwnName && actor.client_id
        : (clientId ?? azp ?? (isOwnName && actor.sub)),
  );
  const bound =
    cnf !== undefined &&
    JSON.stringify(cnf) === JSON.stringify({ 'x5t#S256': peer?.thumbprint }) &&
    peer?.thumbprint !== undefined;
  const account =
    actor === undefined &&
    by === 'cluster' &&
    sub === 'system:serviceaccount:applications:shop' &&
    id === IDS.shop;
  const own = (actor === undefined ? sub : actor.sub) === id;
  const registered = !isWorkload && Object.hasOwn(workloads, client) && workloads[client] === id;
  // A ServiceAccount may differ from that of the valid token, if it is the workload of the peer.
  const other =
    actor === undefined &&
    by === 'cluster' &&
    id === `spiffe://cluster.local/ns/${String(sub).split(':')[2]}/sa/${String(sub).split(':')[3]}`;
  assert.ok(bound || own || registered || account || other, 'bound to nobody who sent it');
  if (rule === 'token') {
    assert.ok(by === 'cluster' || by === 'spire', 'an access token is no client assertion');
    const named = new URLSearchParams(request?.body).get('client_id') ?? '';
    assert.equal(named === 'shop' ? IDS.shop : undefined, id, 'a client of another workload');
  }
}

interface Party {
  readonly sub?: string;
  readonly iss?: string;
  readonly client_id?: string;
}

/** Whatever the rule is: each actor has a name, there are eight at most, and `may_act` names the first (RFC 8693). */
function actorsHold(act: unknown, mayAct: unknown, token: { iss: unknown; clientId: unknown }): void {
  const chain: Party[] = [];
  for (let link = act; link !== undefined; link = (link as { act?: unknown }).act) {
    chain.push(partyIn(link));
    assert.ok(chain.length <= 8, 'a chain of nine actors');
  }
  const [actor] = chain;
  if (!actor || mayAct === undefined) return;
  const party = partyIn(mayAct);
  assert.equal(party.iss ?? token.iss, actor.iss ?? token.iss, 'an actor of another issuer');
  if (party.sub !== undefined) assert.equal(actor.sub, party.sub, 'an actor that may not act');
  if (party.client_id !== undefined)
    assert.equal(actor.client_id ?? token.clientId, party.client_id, 'a client that may not act');
}

function partyIn(value: unknown): Party {
  assert.ok(
    typeof value === 'object' && value !== null && !Array.isArray(value),
    'an actor that is no object',
  );
  const { sub, iss, client_id: client } = value as Record<string, unknown>;
  for (const name of [sub, iss, client])
    assert.ok(name === undefined || (typeof name === 'string' && name !== ''), 'an actor without a name');
  assert.ok(sub !== undefined || client !== undefined, 'an actor without a name');
  return value as Party;
}

function strictHolds(claims: Claims, { request }: Evidence, by: IssuerName): void {
  const { scope, scp, tenant, realm, level } = claims;
  const value = scope ?? scp;
  const scopes = Array.isArray(value) ? value : String(value).split(' ');
  assert.ok(scopes.includes('orders.write') && !scopes.includes('guest'), `scopes ${scopes}`);
  assert.equal(by, 'corp');
  assert.ok(tenant === 'blue', 'another tenant');
  assert.equal(request?.headers['x-tenant'], 'blue');
  assert.ok(Number(level) > 2);
  const { roles } = realm as { roles?: unknown };
  assert.ok([roles].flat().some((role) => role === 'clerk' || role === 7));
}
