import type { ConfigInput } from '../config/schema.ts';
import { claimPath } from '../core/token/claim-path.ts';
import { literal } from './audience.ts';
import { inMesh } from './mesh.ts';
import type { IssuerInput } from './migrated-issuers.ts';
import type { Report } from './report.ts';
import type { Place } from './target.ts';

type RuleInput = ConfigInput['rules'][number];

/** The folder that Kubernetes mounts the ServiceAccount of a pod into. */
const mount = '/var/run/secrets/kubernetes.io/serviceaccount';
/** The audience of tokens for Kubeflow Pipelines, as its SDK asks for them. */
export const pipelines = 'pipelines.kubeflow.org';

/**
 * What Kubeflow needs beside a mesh: the headers that its components read, the tokens of Dex, which are all
 * ID tokens, and the ServiceAccount tokens of the cluster. RequestAuthentication did this before, at the
 * gateway.
 */
export function forKubeflow(configuration: ConfigInput, place: Place, report: Report): ConfigInput {
  const { issuers = {}, identity = {}, rules, ...rest } = configuration;
  const own = Object.entries(issuers).filter(([, { issuer }]) => isOfCluster(issuer));
  for (const [, { issuer }] of own)
    report.warn(
      `issuers.cluster stands for ${issuer}: its keys come from the API server of the cluster that Peerproof runs in`,
    );
  const others = Object.entries(issuers).filter(([name]) => !own.some(([one]) => one === name));
  if (own.length > 0 && !others.some(([name]) => name !== 'default'))
    report.replaced('extra-jwt-issuers', 'issuers.cluster');
  const asked = own.flatMap(([, { audiences = [] }]) => audiences);
  const known: NonNullable<ConfigInput['issuers']> = {
    ...Object.fromEntries(others.map(([name, one]) => [name, name === 'default' ? asDex(one) : one])),
    cluster: {
      kubernetes: { verify: 'jwks', apiServer: 'https://kubernetes.default.svc' },
      ca: `${mount}/ca.crt`,
      audiences: [...new Set([pipelines, ...asked])],
    },
  };
  const headers = {
    ...identity.headers,
    'kubeflow-userid': { from: 'x-forwarded-email' },
    'kubeflow-groups': { from: 'x-forwarded-groups' },
  };
  return inMesh(
    {
      ...rest,
      identity: { ...identity, headers },
      issuers: known,
      rules: rules.map((rule) => nameIssuers(rule, Object.keys(known))),
    },
    ['attribute', 'xfcc', 'principal'],
    place,
  );
}

function nameIssuers(rule: RuleInput, issuers: string[]): RuleInput {
  return rule.require ? { ...rule, require: { issuers, ...rule.require } } : rule;
}

function asDex(issuer: IssuerInput): IssuerInput {
  return { ...issuer, accept: 'id-token' };
}

/** Issuers of clusters: of the cluster itself, and those of Amazon, Google and Microsoft. */
const ofClusters =
  /^(?:kubernetes\.default(?:\.svc(?:\.cluster\.local)?)?|oidc\.eks\.[a-z0-9-]+\.amazonaws\.com|container\.googleapis\.com|[a-z0-9-]+\.oic\.prod-aks\.azure\.com)$/;

function isOfCluster(issuer: string | undefined): boolean {
  return issuer !== undefined && URL.canParse(issuer) && ofClusters.test(new URL(issuer).hostname);
}

/**
 * A person needs an address, and it must not look like a ServiceAccount: `kubeflow-userid` is the address of
 * a person, or the subject of a ServiceAccount. Reading a missing claim is an error, which denies.
 */
export function onlyPersonsWithAddress(identity: ConfigInput['identity']): readonly string[] {
  const steps = claimPath(identity?.claims?.email ?? 'email');
  const email = `claims${steps.map((step) => `[${literal(step)}]`).join('')}`;
  return [`token.issuer == 'cluster' || !${email}.startsWith('system:')`];
}
