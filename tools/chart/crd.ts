/**
 * The CustomResourceDefinition of `AuthorizationRules`, made of the schema of a rule. It is structural. What a team can
 * write is bounded, so the API server can tell the cost of each CEL rule before it accepts the definition.
 */
import { stringify } from 'yaml';
import { toJsonSchema } from '../../src/config/json-schema.ts';
import { configSchema } from '../../src/config/schema.ts';
import { ruleObjects } from '../../src/sources/rule-objects.ts';
import { ofRule, ofRules, type Validation } from './crd-validations.ts';

/** The most rules of one object, and the most entries of a list or a map in a rule. */
const mostRules = 100;
const mostEntries = 64;
/** Characters. A condition has a limit of its own. */
const longest: Readonly<Record<string, number>> = { name: 63, when: 4_096 };
const longestText = 1_024;
const longestMessage = 32_768;

/** A part of an OpenAPI schema, as Kubernetes wants it. */
type Structural = Readonly<Record<string, unknown>>;

/** A part of the JSON Schema of a rule. */
interface Written {
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Written>>;
  readonly additionalProperties?: Written | boolean;
  readonly items?: Written;
}

const head = `# The kind of the rules that teams own in their namespaces. \`npm run docs\` writes this file from src/config/schema.ts.
`;

/** The text of the manifest. */
export function crdManifest(): string {
  return head + stringify(definition(), { lineWidth: 0, aliasDuplicateObjects: false });
}

function definition() {
  const { group, version, plural, kind } = ruleObjects;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, listKind: `${kind}List`, plural, singular: plural, shortNames: ['authzrules'] },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: columns,
          schema: { openAPIV3Schema: { ...object({ spec, status }, ['spec']), description } },
        },
      ],
    },
  };
}

const description = 'Rules of one team for its own workloads. See docs/teams.md of Peerproof.';

const columns = [
  ...['Accepted', 'Programmed', 'Conflicted'].map((type) => ({
    name: type,
    type: 'string',
    jsonPath: `.status.conditions[?(@.type=="${type}")].status`,
  })),
  { name: 'Rules', type: 'integer', jsonPath: '.status.rules', description: 'The rules that are at work.' },
  { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
];

const rule = structural(toJsonSchema(configSchema.shape.rules.element) as Written);

/** Unknown fields stay, see `structural`. The order of rules counts, so the list is replaced as a whole. */
const spec: Structural = {
  ...object(
    {
      rules: {
        type: 'array',
        description:
          'The rules, as in the configuration of Peerproof. The first that matches decides. The platform delegates what they may rule over.',
        maxItems: mostRules,
        items: { ...rule, ...validations(ofRule) },
        'x-kubernetes-list-type': 'atomic',
        ...validations(ofRules),
      },
    },
    ['rules'],
  ),
  'x-kubernetes-preserve-unknown-fields': true,
};

const condition = object(
  {
    type: { type: 'string', maxLength: 63 },
    status: { type: 'string', enum: ['True', 'False', 'Unknown'] },
    observedGeneration: { type: 'integer', format: 'int64', minimum: 0 },
    lastTransitionTime: { type: 'string', format: 'date-time' },
    reason: { type: 'string', maxLength: 63 },
    message: { type: 'string', maxLength: longestMessage },
  },
  ['type', 'status', 'lastTransitionTime', 'reason', 'message'],
);

const status: Structural = {
  ...object(
    {
      observedGeneration: { type: 'integer', format: 'int64', minimum: 0 },
      rules: { type: 'integer', minimum: 0, description: 'How many of its rules are at work.' },
      conditions: {
        type: 'array',
        maxItems: 8,
        items: condition,
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['type'],
      },
    },
    [],
  ),
  description: 'Peerproof writes it, and puts it right if somebody else does.',
};

function object(properties: Readonly<Record<string, Structural>>, required: readonly string[]): Structural {
  return { type: 'object', properties, ...(required.length > 0 && { required }) };
}

function validations(rules: readonly Validation[]) {
  return { 'x-kubernetes-validations': rules };
}

/**
 * The same as a structural schema. Defaults are left out: the API server would write them into the object, as
 * if the team had. Unknown fields are not pruned: a requirement with a mistake in its name would be dropped,
 * and the rule would be weaker than it was meant. Peerproof refuses it instead, and says the right name.
 */
function structural(schema: Written, key = ''): Structural {
  const { description } = schema;
  return { ...(description && { description }), ...shape(schema, key) };
}

function shape(schema: Written, key: string): Structural {
  const { type, properties, additionalProperties, items, anyOf } = schema;
  // A value of several types cannot be structural. Peerproof checks it.
  if (anyOf || Array.isArray(type)) return { 'x-kubernetes-preserve-unknown-fields': true };
  const kept = keep(schema, [
    'type',
    'enum',
    'pattern',
    'minLength',
    'minimum',
    'maximum',
    'minItems',
    'required',
  ]);
  if (properties)
    return {
      ...kept,
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, one]) => [name, structural(one, name)]),
      ),
      'x-kubernetes-preserve-unknown-fields': true,
    };
  if (typeof additionalProperties === 'object')
    return { ...kept, maxProperties: mostEntries, additionalProperties: structural(additionalProperties) };
  if (items)
    return {
      ...kept,
      maxItems: mostEntries,
      items: structural(items),
      'x-kubernetes-list-type': 'atomic',
    };
  if (schema.const !== undefined) return { ...kept, enum: [schema.const] };
  return type === 'string' && !schema.enum ? { ...kept, maxLength: longest[key] ?? longestText } : kept;
}

function keep(schema: object, keywords: readonly string[]): Structural {
  return Object.fromEntries(Object.entries(schema).filter(([name]) => keywords.includes(name)));
}
