import { validateAny } from '../charts/other-kinds.ts';
import type { Manifest } from '../istio/manifests.ts';
import { list, object, type Schema, text } from '../istio/schema-parts.ts';
import { conform } from '../istio/schemas.ts';

const flag: Schema = { type: 'boolean' };
const resource = (spec: Schema): Schema =>
  object({ apiVersion: text, kind: text, metadata: object({ name: text, namespace: text }), spec });
const duration: Schema = { type: 'string', pattern: '^([0-9]{1,5}(h|m|s|ms)){1,4}$' };
const targetRefs = list(
  object({
    group: { const: 'gateway.networking.k8s.io' },
    kind: { enum: ['Gateway', 'HTTPRoute'] },
    name: text,
  }),
);
const backend = object({ name: text, namespace: text, port: { type: 'integer' } }, ['name', 'port']);

/** Kinds without a package that has their schema, written out for what `gateway-api/` uses, and closed. The very definitions took the files once. */
const byHand: Readonly<Record<string, Schema>> = {
  'gateway.envoyproxy.io/v1alpha1/SecurityPolicy': resource(
    object({
      targetRefs,
      extAuth: object({
        grpc: object({ backendRefs: list(backend) }),
        timeout: duration,
        failOpen: { const: false },
        statusOnError: { type: 'integer', minimum: 400, maximum: 511 },
      }),
    }),
  ),
  'gateway.envoyproxy.io/v1alpha1/ClientTrafficPolicy': resource(
    object({
      targetRefs,
      tls: object({
        clientValidation: object(
          {
            optional: flag,
            caCertificateRefs: list(
              object({ group: { const: '' }, kind: { enum: ['ConfigMap', 'Secret'] }, name: text }),
            ),
          },
          ['caCertificateRefs'],
        ),
      }),
      headers: object({
        xForwardedClientCert: object({
          mode: { enum: ['Sanitize', 'ForwardOnly', 'AppendForward', 'SanitizeSet', 'AlwaysForwardOnly'] },
          certDetailsToAdd: list({ enum: ['Subject', 'Cert', 'Chain', 'DNS', 'URI'] }),
        }),
        withUnderscoresAction: { enum: ['Allow', 'RejectRequest', 'DropHeader'] },
      }),
      path: object({
        escapedSlashesAction: {
          enum: ['KeepUnchanged', 'RejectRequest', 'UnescapeAndForward', 'UnescapeAndRedirect'],
        },
      }),
    }),
  ),
  'gateway.networking.k8s.io/v1/HTTPRoute': resource(
    object({
      parentRefs: list(object({ name: text })),
      hostnames: list(text),
      rules: list(
        object({
          filters: list(
            object({
              type: { const: 'ExternalAuth' },
              externalAuth: object({ protocol: { const: 'GRPC' }, grpc: object({}), backendRef: backend }),
            }),
          ),
          backendRefs: list(backend),
        }),
      ),
    }),
  ),
  'gateway.kgateway.dev/v1alpha1/GatewayExtension': resource(
    object({
      extAuth: object({
        grpcService: object({ backendRef: backend, requestTimeout: duration }),
        failOpen: { const: false },
        statusOnError: { type: 'integer', minimum: 100, maximum: 511 },
      }),
    }),
  ),
  'gateway.kgateway.dev/v1alpha1/TrafficPolicy': resource(
    object({ targetRefs, extAuth: object({ extensionRef: object({ name: text }) }) }),
  ),
};

/** @throws with every violation of the schema of its kind; a kind that has none is an error */
export async function validateGateway(manifest: Manifest): Promise<void> {
  const schema = byHand[`${manifest.apiVersion}/${manifest.kind}`];
  if (schema) return conform(manifest, schema, manifest.kind);
  await validateAny(manifest);
}
