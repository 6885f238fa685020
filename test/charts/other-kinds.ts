import type { Manifest } from '../istio/manifests.ts';
import { list, object, type Schema, text } from '../istio/schema-parts.ts';
import { conform, isByHand, validate } from '../istio/schemas.ts';

const resource = (spec: Schema): Schema =>
  object({ apiVersion: text, kind: text, metadata: { type: 'object' }, spec });
const selector = object({ matchLabels: { type: 'object', minProperties: 1 } });
const endpoint = object({ port: text, targetPort: { type: 'integer' }, path: text, interval: text }, [
  'path',
]);

/** Kinds that only the chart has, and that no package has a schema of: written out for what it renders, and closed. */
const byHand: Readonly<Record<string, Schema>> = {
  'cert-manager.io/v1/Certificate': resource(
    object({
      secretName: text,
      dnsNames: list(text),
      usages: list({ enum: ['server auth', 'client auth'] }),
      privateKey: object({
        algorithm: { enum: ['RSA', 'ECDSA', 'Ed25519'] },
        size: { enum: [256, 384, 521] },
        rotationPolicy: { enum: ['Always', 'Never'] },
      }),
      issuerRef: object({ group: text, kind: { enum: ['Issuer', 'ClusterIssuer'] }, name: text }),
    }),
  ),
  'gateway.networking.k8s.io/v1beta1/ReferenceGrant': resource(
    object({
      from: list(object({ group: text, kind: text, namespace: text })),
      to: list(object({ group: { const: '' }, kind: { const: 'Service' }, name: text })),
    }),
  ),
  'monitoring.coreos.com/v1/PodMonitor': resource(object({ selector, podMetricsEndpoints: list(endpoint) })),
  'monitoring.coreos.com/v1/ServiceMonitor': resource(object({ selector, endpoints: list(endpoint) })),
  'monitoring.coreos.com/v1/PrometheusRule': resource(
    object({ groups: list(object({ name: text, rules: list({ type: 'object' }) })) }),
  ),
};

const keyOf = ({ apiVersion, kind }: Manifest): string => `${apiVersion}/${kind}`;

/** Whether the packages have a type of this kind. */
export function hasType(manifest: Manifest): boolean {
  return !isByHand(manifest) && byHand[keyOf(manifest)] === undefined;
}

/** @throws with every violation of the schema of its kind; a kind that has none is an error */
export async function validateAny(manifest: Manifest): Promise<void> {
  const schema = byHand[keyOf(manifest)];
  if (schema) return conform(manifest, schema, manifest.kind);
  await validate(manifest);
}
