import { algorithms, audience, domain, issuerName, type Material } from './material.ts';

/** How a server under load differs from the usual one. */
export interface Shape {
  readonly rules?: number;
  readonly issuers?: number;
  readonly http?: boolean;
  /** Address of an introspection endpoint: tokens are opaque. */
  readonly introspection?: string;
  /** Address of a collector. The checks say which of them get a span. */
  readonly collector?: string;
  /** Every token is forgotten before it comes again. */
  readonly forgets?: boolean;
  /** Whether the log has a line about each allow. */
  readonly logsAllows?: boolean;
}

export const usualRules = 10;

/**
 * The names of the setting that bounds the memory for tokens, with a value that is less than the tokens in turn need: the
 * present one, and the one of earlier versions.
 */
const forgetful = [{ tokenMemory: '1Mi' }, { rememberedTokens: 100 }];

/** Configurations of the same meaning: one that the version does not accept is followed by one for an older version. */
export function configurations(material: Material, shape: Shape): readonly object[] {
  const { rules = usualRules, forgets = false, http = false, logsAllows = true } = shape;
  const { collector: endpoint } = shape;
  const base = {
    listen: { grpc: '127.0.0.1:0', admin: '127.0.0.1:0', ...(http && { http: '127.0.0.1:0' }) },
    ...(http && { http: { xfcc: 'direct' } }),
    issuers: issuersOf(material, shape),
    peers: { trustDomains: { 'cluster.local': {} } },
    rules: Array.from({ length: rules }, (_, index) => ruleOf(index)),
    // Without the bound, because many seconds of a proxy pass in one.
    ...(endpoint && { telemetry: { endpoint, traces: { maxPerSecond: 100_000 } } }),
    ...(!logsAllows && { log: { level: 'error' } }),
    drain: { delay: '0ms', timeout: '2s' },
  };
  return forgets ? forgetful.map((limits) => ({ ...base, limits })) : [base];
}

function issuersOf(material: Material, { issuers = 1, introspection }: Shape): object {
  if (introspection)
    return {
      corp: {
        issuer: issuerName(0),
        audiences: [audience],
        remember: '1h',
        introspection: { endpoint: introspection, clientId: 'bench', clientSecretFile: 'secret' },
      },
    };
  const keys = algorithms.map((algorithm) => material.signer(algorithm).publicJwk);
  return Object.fromEntries(
    Array.from({ length: issuers }, (_, index) => [
      `corp-${index}`,
      { issuer: issuerName(index), audiences: [audience], jwks: { keys } },
    ]),
  );
}

function ruleOf(index: number): object {
  return {
    name: `orders-${index}`,
    match: { hosts: [`orders-${index}.**`], methods: ['GET', 'POST'], paths: ['/orders/**'] },
    require: {
      scopes: ['orders.write'],
      peers: [`${domain}/ns/applications/sa/*`],
      binding: ['certificate', 'workload'],
    },
  };
}
