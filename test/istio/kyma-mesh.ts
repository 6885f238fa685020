import type { ConfigInput } from '../../src/config/schema.ts';
import { GATEWAY_XFCC } from '../support/envoy.ts';
import type { JsonObject } from '../support/envoy-options.ts';
import type { JwtSigner } from '../support/jwt-signer.ts';
import { IDS, type Mesh, type MeshParts, startMesh } from '../support/mesh.ts';
import { freePort } from '../support/ports.ts';

/** The entry of the Istio resource, as far as Envoy is told of it. */
export interface KymaAuthorizer {
  readonly timeout: string;
  readonly headers: {
    readonly inCheck: { readonly include: string[] };
    readonly toUpstream: { readonly onAllow: string[] };
    readonly toDownstream: { readonly onDeny: string[] };
  };
}

/** What Kyma is given: the authorizer, and the configuration of Peerproof for this issuer. */
export interface KymaParts {
  readonly signers?: readonly JwtSigner[];
  /** What an EnvoyFilter merges into the ext_authz filter of the sidecar. */
  readonly merged?: JsonObject;
  given(parts: MeshParts): {
    readonly authorizer: KymaAuthorizer;
    readonly settings: ConfigInput;
  };
}

/**
 * External client, ingress gateway, the sidecar of `orders` that asks over HTTP with the header lists of the Istio
 * resource, Peerproof's own sidecar, and Peerproof. Only ports and the identity of Peerproof's own pod are the test's.
 */
export async function startKyma({ signers, merged, given }: KymaParts): Promise<Mesh> {
  const [checks, hop] = [await freePort(), await freePort()];
  let authorizer: KymaAuthorizer | undefined;
  return startMesh({
    ...(signers && { issuer: { signers } }),
    config: (parts) => {
      const { settings, authorizer: registered } = given(parts);
      authorizer = registered;
      return {
        ...settings,
        listen: { grpc: '127.0.0.1:0', http: `127.0.0.1:${checks}`, admin: '127.0.0.1:0' },
        // `payments` stands for the identity of Peerproof's own pod.
        http: { xfcc: { sidecar: IDS.payments } },
      };
    },
    listeners: (parts) => {
      if (!authorizer) throw new Error('the configuration comes first');
      const { timeout, headers } = authorizer;
      return [
        {
          name: 'gateway',
          mtls: parts.tls('gateway', { requireClientCertificate: false }),
          xfcc: GATEWAY_XFCC,
          upstream: { listener: 'orders', tls: parts.tls('gateway') },
        },
        {
          name: 'orders',
          mtls: parts.tls('orders'),
          upstream: { port: parts.app.port },
          extAuthz: {
            http: {
              ports: [hop],
              allowedUpstreamHeaders: headers.toUpstream.onAllow,
              allowedClientHeaders: headers.toDownstream.onDeny,
            },
            istioPair: true,
            timeoutMs: Number.parseInt(timeout, 10) * 1000,
            extra: { allowed_headers: { patterns: headers.inCheck.include.map(pattern) }, ...merged },
          },
        },
        // In a mesh the cluster of the authorizer does mTLS itself; this hop does it for the one of the tests.
        {
          name: 'hop',
          port: hop,
          xfcc: { mode: 'ALWAYS_FORWARD_ONLY' },
          upstream: { listener: 'peerproof', tls: parts.tls('orders') },
        },
        { name: 'peerproof', mtls: parts.tls('payments'), upstream: { port: checks } },
      ];
    },
  });
}

/** As Istio renders an entry of `include`. */
function pattern(name: string) {
  const kind = name.endsWith('*') ? { prefix: name.slice(0, -1) } : { exact: name };
  return { ...kind, ignore_case: true };
}
