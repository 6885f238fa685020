import type { ConfigInput } from '../../src/config/schema.ts';
import type { Listener } from '../support/envoy.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { IDS, type Mesh, type MeshListeners, type MeshParts, startMesh } from '../support/mesh.ts';
import { configText } from '../support/peerproof.ts';
import { sidecarListener } from '../support/transports.ts';
import type { StandIns } from './explain-stand-ins.ts';

/** A mesh whose configuration is here as a text, as an operator has it. */
export interface ExplainMesh extends Mesh {
  readonly text: string;
  readonly standIns: StandIns;
}

export const stranger = createSigner('ES256');
export const rs512 = createSigner('RS512');
/** Nobody listens there. */
export const nobody = 'https://127.0.0.1:9';

/** The mesh of nearly all reasons, which asks over gRPC. */
export function startExplainMesh(standIns: StandIns): Promise<ExplainMesh> {
  return startWithText(standIns, (parts) => configFor(parts, standIns), listenersOf);
}

/** Starts a mesh, and keeps the text of its configuration. */
export async function startWithText(
  standIns: StandIns,
  config: (parts: MeshParts) => ConfigInput,
  listeners: (parts: MeshListeners) => Listener[],
): Promise<ExplainMesh> {
  let text = '';
  const mesh = await startMesh({
    config: (parts) => {
      const made = config(parts);
      text = configText(made);
      return made;
    },
    listeners,
  });
  return Object.assign(mesh, { text, standIns });
}

/**
 * One that takes any certificate, one that passes on what clients say of themselves, and one that takes much.
 */
function listenersOf(parts: MeshListeners): Listener[] {
  const usual = sidecarListener('grpc-certificate', parts, { withRequestBody: { maxRequestBytes: 8_192 } });
  const mtls = parts.tls('orders', { requireClientCertificate: false });
  const extAuthz = { grpc: parts.authorizer };
  return [
    usual,
    { ...usual, name: 'edge', mtls: { ...mtls, acceptUntrusted: true } },
    { ...usual, name: 'forwarding', xfcc: { mode: 'ALWAYS_FORWARD_ONLY' as const }, extAuthz },
    {
      ...usual,
      name: 'large',
      maxHeadersKb: 192,
      extAuthz: { ...extAuthz, withRequestBody: { maxRequestBytes: 4_194_304 } },
    },
  ];
}

const rule = (name: string, require: object = {}) => ({ name, match: { paths: [`/${name}/**`] }, require });

function configFor(
  { issuer, signer }: MeshParts,
  { apiServer, introspection, files }: StandIns,
): ConfigInput {
  const jwks = { keys: [signer.publicJwk, rs512.publicJwk] };
  const here = (iss: string, more: object = {}) => ({ issuer: iss, audiences: ['orders'], jwks, ...more });
  const reviews = (name: string, server: string) => ({
    ...{ issuer: `https://${name}.example.com`, audiences: ['orders'], timeout: '1s', ca: files.ca },
    kubernetes: { verify: 'tokenReview' as const, apiServer: server, tokenFile: files.token },
  });
  return {
    grpc: { maxMessageBytes: 1_048_576 },
    issuers: {
      corp: { issuer: issuer.issuer, audiences: ['orders'], coolDown: '0ms' },
      partner: here('https://partner.example.net', { algorithms: ['ES256'] }),
      strict: here('https://strict.example.com', { accept: 'at+jwt' }),
      cluster: here('https://cluster.example.com', { accept: 'service-account' }),
      opaque: {
        ...{ audiences: ['orders'], timeout: '30s' },
        introspection: { endpoint: introspection, clientId: 'me', clientSecretFile: files.secret },
      },
      reviewed: reviews('reviewed', nobody),
      reviewing: reviews('reviewing', apiServer),
      forbidden: reviews('forbidden', `${apiServer}/forbidden`),
      dead: { issuer: nobody, audiences: ['orders'], timeout: '1s' },
    },
    peers: { trustDomains: { 'cluster.local': {} } },
    clients: { 'orders-client': [IDS.client], batch: [IDS.client] },
    limits: { tokenLength: 2_048, waitingChecks: 1, checkTimeout: '2s' },
    rules: [
      {
        name: 'read',
        match: { methods: ['GET'], paths: ['/orders/**'] },
        require: { scopes: ['orders.read'] },
      },
      rule('opaque', { issuers: ['opaque'] }),
      rule('peers', { peers: [IDS.payments], binding: ['none'] }),
      rule('bearer', { binding: ['none'] }),
      rule('bound', { binding: ['certificate'] }),
      rule('keyed', { binding: ['dpop'] }),
      rule('corp', { issuers: ['corp'] }),
      rule('tenant', { claims: { tenant: 'blue' } }),
      rule('account', { issuers: ['cluster'], serviceAccounts: ['applications/orders'] }),
      rule('people', { emails: ['ann@example.com'] }),
      rule('acting', { actors: { allow: [{ who: ['orders-client'], for: ['alice'] }] } }),
      rule('office', { when: "claims.floor == 'third'" }),
      {
        name: 'token',
        match: { methods: ['POST'], paths: ['/token'] },
        require: { credential: 'client-assertion' },
      },
      {
        name: 'certificate-token',
        match: { methods: ['POST'], paths: ['/certificate-token'] },
        require: { credential: 'client-certificate' },
      },
    ],
  } as ConfigInput;
}
