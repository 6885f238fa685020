import { type FirstAnswers, type Platform, usualTrustDomain } from './answers.ts';
import { rulesForAll, rulesOfWorkload } from './rules.ts';
import { yamlValue } from './yaml-value.ts';

/** What differs between the proxies. Each text ends with a line end. */
interface Parts {
  /** Comments about the proxy. */
  readonly head: string;
  /** The ports, and what is read from them. */
  readonly doors: (answers: FirstAnswers) => string;
  /** Whose certificates name a workload. */
  readonly trust: (answers: FirstAnswers) => string;
  readonly rules: (answers: FirstAnswers) => string;
}

const intoConfigMap = `# Give it to the pods:
#   kubectl -n peerproof create configmap peerproof --from-file=peerproof.yaml --dry-run=client -o yaml |
#     kubectl apply -f -
`;

export const parts: Readonly<Record<Platform, Parts>> = {
  istio: {
    head: `${intoConfigMap}# The manifests are in kustomize/overlays/istio, and docs/deploy/istio.md has the steps.
`,
    doors: () => `# The sidecars of the applications ask on the port grpc.
# lint: ignore open-port: the policies of kustomize/overlays/istio protect both ports
listen: {grpc: 0.0.0.0:9001, admin: 0.0.0.0:9003}
# Istio ignores the port when it routes by Host.
hosts: {ignorePort: true}
`,
    trust: (answers) => trustOfMesh(answers, 'attribute, xfcc, principal'),
    rules: rulesOfWorkload,
  },
  kyma: {
    head: `${intoConfigMap}# The manifests are in kustomize/overlays/kyma, and docs/deploy/kyma.md has the steps.
`,
    doors: ({ trustDomain = usualTrustDomain }) => `# Kyma asks on the port http.
# lint: ignore open-port: the policies of kustomize/overlays/kyma protect the ports
listen: {grpc: 127.0.0.1:9001, http: 0.0.0.0:9002, admin: 0.0.0.0:9003}
# The sidecar of Peerproof adds an element to x-forwarded-client-cert, which is dropped.
http: {xfcc: {sidecar: ${yamlValue(`spiffe://${trustDomain}/ns/peerproof/sa/peerproof`)}}}
# Istio ignores the port when it routes by Host.
hosts: {ignorePort: true}
`,
    trust: (answers) => trustOfMesh(answers, 'xfcc'),
    rules: rulesOfWorkload,
  },
  envoy: {
    head: `# Run it with:    peerproof serve
# docs/deploy/envoy.md has the configuration of Envoy.
`,
    doors:
      () => `# Envoy asks on the port grpc. Only this machine can reach the ports. Before you change that, read "Who may call
# Peerproof" in docs/deploy/envoy.md.
listen: {grpc: 127.0.0.1:9001, admin: 127.0.0.1:9003}
`,
    trust: trustOfOne,
    rules: rulesForAll,
  },
  nginx: {
    head: `# Run it with:    peerproof serve
# proxies/nginx.conf is the configuration of nginx.
`,
    doors: () => `# nginx asks on the port http. Only this machine can reach the ports.
listen: {grpc: 127.0.0.1:9001, http: 127.0.0.1:9002, admin: 127.0.0.1:9003}
http:
  forwardAuth:
  # proxies: the addresses of nginx. Peerproof believes the headers of a check from there.
  - {path: /oauth2/auth, proxies: [127.0.0.1], original: x-original, certificateHeader: x-client-certificate}
`,
    trust: trustOfOne,
    rules: rulesForAll,
  },
};

function trustOfMesh({ trustDomain = usualTrustDomain }: FirstAnswers, from: string): string {
  const gateway = `spiffe://${trustDomain}/ns/istio-system/sa/istio-ingressgateway-service-account`;
  return `# Certificates of this SPIFFE trust domain name a workload.
peers:
  from: [${from}]
  trustDomains: {${yamlValue(trustDomain)}: {}}
  # The ingress gateway reports the certificate of its own client (SANITIZE_SET).
  gateways: [${yamlValue(gateway)}]

# The workloads that may use the tokens of an OAuth client (binding workload).
# clients:
#   orders-client: [spiffe://${usualTrustDomain}/ns/applications/sa/orders-client]
`;
}

function trustOfOne({ trustDomain }: FirstAnswers): string {
  if (trustDomain === undefined)
    return `# Whose certificates name a workload (SPIFFE). Without it, a certificate is known by its thumbprint only.
# peers:
#   trustDomains: {${usualTrustDomain}: {}}
`;
  return `# Certificates of this SPIFFE trust domain name a workload.
peers:
  trustDomains: {${yamlValue(trustDomain)}: {}}
`;
}
