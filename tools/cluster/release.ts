import { rules } from '../../test/doors/rules.ts';
import { ISSUER, OPAQUE_ISSUER } from '../../test/doors/verdicts.ts';
import { IDS } from '../../test/support/identities.ts';
import type { JwtSigner } from '../../test/support/jwt-signer.ts';
import { inlineIssuer } from '../../test/support/token-fixture.ts';
import { APPLICATIONS } from './objects.ts';

/** The namespace of the release. The provider of the mesh names it. */
export const NAMESPACE = 'peerproof';

/** The Secret with the password for the introspection endpoint, which must be there before the release. */
export const introspectionSecret = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'introspection', namespace: NAMESPACE },
  stringData: { password: 'of-the-cluster-test' },
};

/** The values of the chart: the rules of the table, and what the tokens of the table need. */
export function releaseValues(image: string, signer: JwtSigner): object {
  const [, repository, tag, digest] = /^(.+?)(?::([^:/@]+))?(?:@(sha256:[0-9a-f]{64}))?$/.exec(image) ?? [];
  const endpoint = `http://introspection.${APPLICATIONS}.svc.cluster.local:8080/`;
  const introspection = {
    ...{ endpoint, clientId: 'peerproof', clientSecretFile: '/introspection/password' },
  };
  return {
    flavour: 'istio',
    image: { repository, ...(tag && { tag }), ...(digest && { digest }) },
    // One log has every decision.
    replicas: 1,
    callers: { namespaces: [APPLICATIONS] },
    networkPolicy: { egressPorts: [443, 6443, 8080] },
    extraVolumes: [{ name: 'introspection', secret: { secretName: introspectionSecret.metadata.name } }],
    extraVolumeMounts: [{ name: 'introspection', mountPath: '/introspection', readOnly: true }],
    config: {
      issuers: {
        corp: inlineIssuer([signer], { issuer: ISSUER }),
        opaque: { issuer: OPAQUE_ISSUER, audiences: ['orders'], introspection, allowInsecureHttp: true },
      },
      peers: { from: ['attribute', 'xfcc', 'principal'], trustDomains: { 'cluster.local': {} } },
      clients: { 'orders-client': [IDS.client] },
      rules,
    },
    tests: {
      asks: [
        { name: 'a public path', method: 'GET', path: '/healthz', expect: 'allow' },
        { name: 'no token', method: 'GET', path: '/orders/1', expect: 'deny' },
      ],
    },
  };
}
