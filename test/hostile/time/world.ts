import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConfigInput } from '../../../src/config/schema.ts';
import type { Evidence } from '../../../src/core/evidence.ts';
import { evidenceOf } from '../../../src/grpc/check-request.ts';
import { checkResponseOf } from '../../../src/grpc/check-response.ts';
import { evidenceOfUnread, readCheck } from '../../../src/grpc/check-server.ts';
import { encodeCheckResponse } from '../../../src/grpc/encode-response.ts';
import { Unread } from '../../../src/grpc/transport/message.ts';
import { allAreRead } from '../../../src/grpc/unread-headers.ts';
import { evidenceOfCheck, evidenceOfForwardAuth, type ForwardAuth } from '../../../src/http/check-request.ts';
import { httpAnswerOf } from '../../../src/http/check-response.ts';
import { createHttpSettings } from '../../../src/http/settings.ts';
import { joinHeaders } from '../../../src/http/transport/messages.ts';
import { createDecisionLog } from '../../../src/operate/decision-log.ts';
import { explained } from '../../support/answers.ts';
import { createCa } from '../../support/ca.ts';
import { checkCodec } from '../../support/check-wire.ts';
import { type CheckWorld, createCheckWorld, NOW } from '../../support/check-world.ts';
import { createSigner } from '../../support/jwt-signer.ts';

export const TRUST_DOMAIN = 'cluster.local';
export const SHOP = `spiffe://${TRUST_DOMAIN}/ns/applications/sa/shop`;
export const SIDECAR = `spiffe://${TRUST_DOMAIN}/ns/istio-system/sa/peerproof`;

export const validity = { notBefore: new Date(NOW - 3_600_000), notAfter: new Date(NOW + 3_600_000) };
export const signer = createSigner('ES256');
export const ca = await createCa(validity);
export const shop = await ca.svid(SHOP, validity);

/** Nothing is remembered, so that each check costs what the first one does. */
const config: ConfigInput = {
  issuers: {
    corp: {
      issuer: 'https://login.example.com',
      audiences: ['orders'],
      jwks: { keys: [signer.publicJwk as never] },
    },
    spire: {
      issuer: 'https://spire.example',
      audiences: ['orders'],
      accept: 'jwt-svid',
      trustDomain: TRUST_DOMAIN,
      jwks: { keys: [createSigner('ES256').publicJwk as never] },
    },
  },
  peers: {
    from: ['attribute', 'xfcc', 'principal', 'x-client-certificate'],
    trustDomains: { [TRUST_DOMAIN]: {} },
    gateways: [`spiffe://${TRUST_DOMAIN}/ns/istio-system/sa/gateway`],
  },
  clients: { shop: [SHOP] },
  identity: { preset: 'oauth2-proxy', headers: { 'x-tenant': { claim: 'tenant' } } },
  rules: [
    { name: 'health', match: { paths: ['/healthz'] }, public: true },
    { name: 'bearer', match: { paths: ['/bearer/**'] }, require: { binding: ['none'] } },
    { name: 'token', match: { paths: ['/token'] }, require: { credential: 'client-assertion' } },
    {
      name: 'context',
      match: { paths: ['/context'], context: { policy: 'orders' } },
      require: { binding: ['none'] },
    },
    { name: 'bound', match: { paths: ['/orders/**'] } },
  ],
  limits: { tokenMemory: 0, certificateMemory: 0 },
};

async function create(): Promise<readonly [plain: CheckWorld, chained: CheckWorld]> {
  const folder = await mkdtemp(join(tmpdir(), 'peerproof-time-'));
  try {
    const bundle = join(folder, 'bundle.pem');
    await writeFile(bundle, ca.certPem);
    const chained = await createCheckWorld({
      ...config,
      peers: { ...config.peers, trustDomains: { [TRUST_DOMAIN]: { bundle } } },
    });
    chained.stop();
    return [await createCheckWorld(config), chained];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const [plain, chained] = await create();
const log = createDecisionLog({ write: () => {} });

/** A check as it comes and goes at one of the doors: decoded, decided, written into the log, answered. */
export type Run = () => Promise<string>;

async function decided(evidence: Evidence, door: 'grpc' | 'http' | 'forward-auth', world: CheckWorld) {
  const decision = await world.decide(evidence, door, Number.POSITIVE_INFINITY);
  log(decision, evidence, door, 1, NOW);
  return decision;
}

/** The gRPC door, from the bytes of a CheckRequest to those of the answer. */
export function overGrpc(attributes: object, hasBundle = false): Run {
  const bytes = checkCodec.requestSerialize({ attributes });
  return async () => {
    const read = readCheck(bytes, allAreRead);
    const evidence = read instanceof Unread ? evidenceOfUnread(read) : evidenceOf(read);
    const decision = await decided(evidence, 'grpc', hasBundle ? chained : plain);
    encodeCheckResponse(checkResponseOf(decision, explained));
    return decision.reason;
  };
}

export interface HttpAsked {
  readonly method?: string;
  readonly target: string;
  readonly host?: string;
  /** Names and values in turn, as Node gives them. */
  readonly raw: readonly string[];
}

const { styles } = createHttpSettings({
  realm: 'peerproof',
  dpop: { algorithms: [] },
  identity: { preset: 'oauth2-proxy' },
  http: { xfcc: 'none', forwardAuth: [] },
});

/** The HTTP door, from the header lines to the answer. */
export function overHttp(asked: HttpAsked, of: { xfcc?: 'direct' | 'sidecar'; auth?: ForwardAuth }): Run {
  const { method = 'GET', target, host = 'orders.example.com', raw } = asked;
  return async () => {
    const check = { method, target, host, remoteAddress: '127.0.0.1', ...joinHeaders(raw, ',') };
    const evidence = of.auth
      ? evidenceOfForwardAuth(check, of.auth)
      : evidenceOfCheck(check, '', of.xfcc === 'direct' ? 'direct' : { sidecar: SIDECAR });
    const decision = await decided(evidence, of.auth ? 'forward-auth' : 'http', plain);
    httpAnswerOf(decision, of.auth ? styles.forwardAuth : styles.check);
    return decision.reason;
  };
}
