import { Ajv } from 'ajv';
import type { Manifest } from './manifests.ts';

type Schema = Record<string, unknown>;
type ModelClass = new (data: Manifest) => { validate(): void };

const object = (properties: Record<string, Schema>, required = Object.keys(properties)): Schema => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});
const exactly = (value: unknown): Schema => ({ const: value });
const text: Schema = { type: 'string', minLength: 1 };

/** The fields of `envoyExtAuthzGrpc`, as in istio/api mesh/v1alpha1/config.proto; required is what these manifests may not leave to a default. */
const grpcProvider = object(
  {
    service: { type: 'string', pattern: '^([a-z0-9-]+/)?[a-z0-9-]+(\\.[a-z0-9-]+)+$' },
    port: { type: 'integer', minimum: 1, maximum: 65535 },
    timeout: { type: 'string', pattern: '^[1-9][0-9]*s$' },
    failOpen: exactly(false),
    statusOnError: { type: 'string', enum: ['401', '403', '500', '503'] },
  },
  ['service', 'port', 'timeout', 'failOpen', 'statusOnError'],
);

/** Resources without a schema in the packages: written out here for what the manifests use, and closed. */
const byHand: Record<string, Schema> = {
  'kustomize.config.k8s.io/v1beta1/Kustomization': object(
    {
      apiVersion: text,
      kind: text,
      resources: {
        type: 'array',
        minItems: 1,
        items: { type: 'string', pattern: '^(?:\\.\\./\\.\\./base|[a-z-]+\\.yaml)$' },
      },
      configMapGenerator: {
        type: 'array',
        minItems: 1,
        maxItems: 1,
        items: object({
          name: exactly('peerproof'),
          namespace: exactly('peerproof'),
          files: exactly(['peerproof.yaml']),
          options: object({ disableNameSuffixHash: exactly(true), labels: { type: 'object' } }),
        }),
      },
    },
    ['apiVersion', 'kind', 'resources'],
  ),
  'kustomize.config.k8s.io/v1alpha1/Component': object({
    apiVersion: text,
    kind: text,
    resources: { type: 'array', minItems: 1, items: { type: 'string', pattern: '^[a-z-]+\\.yaml$' } },
    patches: {
      type: 'array',
      items: object({ target: object({ kind: text, name: text }), patch: text }),
    },
  }),
  'install.istio.io/v1alpha1/IstioOperator': object({
    apiVersion: text,
    kind: text,
    spec: object({
      meshConfig: object(
        {
          extensionProviders: {
            type: 'array',
            minItems: 1,
            items: object({
              name: { type: 'string', pattern: '^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$' },
              envoyExtAuthzGrpc: grpcProvider,
            }),
          },
          defaultConfig: object({
            proxyHeaders: object({ setCurrentClientCertDetails: object({ cert: exactly(true) }) }),
          }),
        },
        [],
      ),
    }),
  }),
  'gateway.networking.k8s.io/v1/Gateway': object({
    apiVersion: text,
    kind: text,
    metadata: object({
      name: text,
      namespace: text,
      labels: object({ 'istio.io/waypoint-for': { enum: ['service', 'workload', 'all', 'none'] } }),
      annotations: object({ 'ambient.istio.io/xfcc-include-client-identity': exactly('true') }),
    }),
    spec: object({
      gatewayClassName: exactly('istio-waypoint'),
      listeners: {
        type: 'array',
        minItems: 1,
        maxItems: 1,
        items: object({ name: text, port: exactly(15008), protocol: exactly('HBONE') }),
      },
    }),
  }),
};

/** `spec.targetRefs` came to Istio after the version that `@kubernetes-models/istio` was generated from. */
const targetRefs: Schema = {
  type: 'array',
  minItems: 1,
  items: object({ group: text, kind: { enum: ['Gateway', 'Service'] }, name: text }),
};

/** What an EnvoyFilter merges is free form to its schema; this is all that ours may merge, for HTTP and for TCP. */
const extAuthzPatch: Schema = {
  oneOf: [
    ...['http', 'network'].map((layer) => merged(layer, { include_peer_certificate: exactly(true) })),
    merged('http', {
      with_request_body: object({
        max_request_bytes: { type: 'integer' },
        allow_partial_message: exactly(true),
      }),
    }),
  ],
};

function merged(layer: string, settings: Record<string, Schema>): Schema {
  const type = exactly(`type.googleapis.com/envoy.extensions.filters.${layer}.ext_authz.v3.ExtAuthz`);
  return object({
    name: exactly(`envoy.filters.${layer}.ext_authz`),
    typed_config: object({ '@type': type, ...settings }),
  });
}

/** What the EnvoyFilter of `peerproof inject` adds: a cluster on this machine, and the filter that asks it. */
const injectPatch: Schema = {
  oneOf: [
    object({
      name: exactly('peerproof-inject'),
      type: exactly('STATIC'),
      connect_timeout: text,
      typed_extension_protocol_options: object({
        'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': object({
          '@type': exactly('type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions'),
          explicit_http_config: object({ http2_protocol_options: { type: 'object' } }),
        }),
      }),
      load_assignment: object({
        cluster_name: exactly('peerproof-inject'),
        endpoints: { type: 'array', minItems: 1 },
      }),
    }),
    object({
      name: exactly('peerproof.inject'),
      typed_config: object({
        '@type': exactly('type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz'),
        transport_api_version: exactly('V3'),
        failure_mode_allow: exactly(false),
        grpc_service: object({
          envoy_grpc: object({ cluster_name: exactly('peerproof-inject'), authority: text }),
          timeout: text,
        }),
      }),
    }),
  ],
};

const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });

/** Throws with every violation that `schema` has in `value`. */
export function conform(value: unknown, schema: Schema, what: string): void {
  if (!ajv.validate(schema, value)) throw new Error(ajv.errorsText(ajv.errors, { dataVar: what }));
}

/** The module of `kubernetes-models` or `@kubernetes-models/istio` that a resource's class is in, by its apiVersion and kind. */
export function modelModule({ apiVersion, kind }: Manifest): string {
  const owner = apiVersion.includes('istio.io/') ? '@kubernetes-models/istio' : 'kubernetes-models';
  return `${owner}/${apiVersion}/${kind}`;
}

/** The resource without the fields that are newer than its model; these are checked here instead. */
export function asModelled(manifest: Manifest): Manifest {
  if (manifest.kind !== 'AuthorizationPolicy' || !manifest.spec?.targetRefs) return manifest;
  const { targetRefs: refs, ...spec } = manifest.spec;
  conform(refs, targetRefs, 'spec.targetRefs');
  return { ...manifest, spec };
}

export const isByHand = ({ apiVersion, kind }: Manifest): boolean => `${apiVersion}/${kind}` in byHand;

/** Validates a resource by the schema of its kind; a kind that has none is an error. */
export async function validate(manifest: Manifest): Promise<void> {
  const schema = byHand[`${manifest.apiVersion}/${manifest.kind}`];
  if (schema) return conform(manifest, schema, manifest.kind);
  const loaded: Record<string, ModelClass> = await import(modelModule(manifest));
  const Model = loaded[manifest.kind];
  if (!Model) throw new Error(`${modelModule(manifest)} has no class ${manifest.kind}`);
  new Model(asModelled(manifest)).validate();
  if (manifest.kind === 'EnvoyFilter') {
    for (const { patch } of manifest.spec.configPatches) {
      conform(patch.value, patch.operation === 'MERGE' ? extAuthzPatch : injectPatch, 'patch.value');
    }
  }
}

/**
 * A CustomResourceDefinition's schema as the API server applies it with strict field validation: a field that is not
 * named is refused. Only the structural part is closed; `anyOf`, `oneOf` and `not` restrict values and name no fields.
 */
export function closed(schema: Schema): Schema {
  const result: Schema = { ...schema };
  if (schema.items) result.items = closed(schema.items as Schema);
  if (schema.properties) {
    const properties = Object.entries(schema.properties as Record<string, Schema>);
    result.properties = Object.fromEntries(properties.map(([key, value]) => [key, closed(value)]));
    if (!schema['x-kubernetes-preserve-unknown-fields']) result.additionalProperties = false;
  } else if (typeof schema.additionalProperties === 'object') {
    result.additionalProperties = closed(schema.additionalProperties as Schema);
  }
  return result;
}
