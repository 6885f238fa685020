import * as z from 'zod';
import { bindingNames } from '../core/binding/bind.ts';
import { observableNames } from '../core/policy/observation.ts';
import { credentialNames } from '../core/token/credential.ts';
import { actors } from './actors-schema.ts';
import { authorizationServer } from './client-schema.ts';
import { consoleSettings } from './console-schema.ts';
import { delegations, include } from './delegate-schema.ts';
import { dpop } from './dpop-schema.ts';
import * as field from './fields.ts';
import { identity } from './identity-schema.ts';
import { issuer } from './issuer-schema.ts';
import { limits } from './limits-schema.ts';
import { grpc, hosts, http, listen, paths } from './listen-schema.ts';
import { log } from './log-schema.ts';
import { client, peers } from './peers-schema.ts';
import { resourceMetadata } from './resource-metadata-schema.ts';
import { revocation } from './revocation-schema.ts';
import { rulesFrom } from './rules-from-schema.ts';
import { store } from './store-schema.ts';
import { telemetry } from './telemetry-schema.ts';
import { wit } from './wit-schema.ts';

const scalar = z.union([z.string(), z.number(), z.boolean()]);

const match = z
  .strictObject({
    protocol: z
      .enum(['http', 'tcp'])
      .default('http')
      .describe("`http`: requests. `tcp`: connections, which Envoy's network filter checks."),
    hosts: field.list(
      field.hostPattern,
      'Patterns for the Host, such as `orders.*`. Case is ignored. A port or final dot must be part of the pattern (`orders.example.com:8443`), see `hosts`. If the proxy accepts every Host, as a sidecar does, also set `destinations`.',
    ),
    methods: field.list(
      z.string().regex(/^[A-Z][A-Z-]*$/, 'must be in capital letters, such as GET'),
      'HTTP methods in capital letters.',
    ),
    paths: field.list(field.pathPattern, 'Patterns for the path without the query, such as `/orders/**`.'),
    context: z
      .record(z.string(), z.string())
      .default({})
      .describe("Values of Envoy's per-route context_extensions."),
    destinations: field.list(
      field.spiffePattern,
      'SPIFFE IDs of the called workload, as its own proxy states them. A caller cannot choose this value. It needs mTLS. The rule does not match a check without it.',
    ),
    ports: field.list(
      z.int().min(1).max(65535),
      'Ports of the destination. A check over HTTP does not contain the port, so such a rule does not match there.',
    ),
  })
  .describe('The requests that a rule covers. An empty match covers every HTTP request.');

const requirements = z
  .strictObject({
    token: z
      .enum(['required', 'optional'])
      .default('required')
      .describe(
        '`optional`: a request without a token passes, and a request with a valid token gets its identity headers. A token that is invalid, expired or not bound is refused. Only `issuers`, `peers` and `binding` can stand beside it.',
      ),
    issuers: field.list(field.name, 'Names of the accepted issuers. Default: all.'),
    scopes: field.list(field.text, 'The token must have all of them.'),
    claims: z
      .record(
        z.string(),
        z.union(
          [scalar, z.array(scalar).min(1)],
          'must be a text, a number, true, false, or a list of these',
        ),
      )
      .default({})
      .describe(
        'By claim or JSON pointer: the required value, or a list of alternatives. A claim that is a list must hold one of them.',
      ),
    serviceAccounts: field.list(
      field.kubernetesPattern,
      'One of them must match the ServiceAccount of the token, such as `applications/oauthclient` or `prod/*`.',
    ),
    namespaces: field.list(field.text, 'One of them must be the namespace of the ServiceAccount.'),
    pods: field.list(field.kubernetesPattern, 'One of them must match the pod of the token.'),
    actors,
    emails: field.list(
      field.text,
      'One of them must be the e-mail address that `identity.claims.email` finds. See also `identity.allowInsecureUnverifiedEmail`.',
    ),
    emailDomains: field.list(
      field.text,
      'One of them must match the domain of that address. `example.com` matches this domain only, `.example.com` every domain below it.',
    ),
    when: field.optional(
      field.condition,
      'A CEL expression over request, token, claims, peer and serviceAccount. An error during evaluation denies the request.',
    ),
    peers: field.list(field.spiffePattern, 'One of them must match the peer.'),
    credential: z
      .enum(credentialNames)
      .default('bearer')
      .describe(
        'How a caller shows who it is. `bearer`: by a token in `Authorization`. `wit`: by a workload identity token in `Workload-Identity-Token`, with its proof. Before a token endpoint: `client-assertion`: by the form field `client_assertion` (RFC 7523), `client-certificate`: by its certificate alone, as a workload that is registered in `clients`. The last two need the body of the request: Envoy with `with_request_body`.',
      ),
    authorizationServer,
    binding: z
      .array(z.enum(bindingNames))
      .min(1, 'must hold at least one entry; to require no proof, write [none]')
      .optional()
      .describe(
        'Accepted proofs that the token belongs to the sender. They are tried in this order. Default: certificate, then workload if peers.trustDomains is set; wit with `credential: wit`.',
      ),
    observe: field.list(
      z.enum(observableNames),
      'Names of requirements beside it that are observed: a request that does not meet them passes, and the log says so (`would_deny`). All others are enforced.',
    ),
  })
  .describe('What a request must have.');

const mode = z.enum(['enforce', 'observe']);

/** One rule, as the platform and its teams write it. */
export const rule = z.strictObject({
  name: field.name.describe('Name in the log and the metrics.'),
  mode: field.optional(
    mode,
    '`observe`: a request that the rule would refuse passes, and the log says why (`would_deny`). Default: the `mode` of the service.',
  ),
  match: match.prefault({}),
  require: requirements.optional(),
  public: z.literal(true).optional().describe('Every request passes without a token.'),
});

const workload = z
  .strictObject({
    destinations: z
      .array(field.spiffePattern)
      .min(1, 'must hold at least one SPIFFE ID')
      .describe('As in `rules[].match.destinations`. It applies to all rules of this entry.'),
    rules: z
      .array(rule)
      .min(1, 'must hold at least one rule')
      .describe(
        'As in `rules`. The entries of `rules` are tried first. The name in the log and the metrics is `<name>/<rule>`.',
      ),
  })
  .describe(
    'The rules of one application, only for requests to its own workloads. A request to them that matches no rule is denied.',
  );

const shadow = z
  .strictObject({
    file: z
      .string()
      .regex(/^[^/\\]+$/, 'must be the name of a file in the folder of this configuration, such as next.yaml')
      .describe('The other configuration, a file in the same folder.'),
    share: z
      .number()
      .gt(0, 'must be more than 0, and at most 1')
      .max(1, 'must be at most 1')
      .default(1)
      .describe('The share of the checks that it judges: `0.1` is one of ten.'),
  })
  .describe(
    'A configuration that judges checks after they were answered. It decides none: differences are logged (`shadow_difference`) and counted. Its rules, issuers, peers and clients apply; its ports do not. It asks no issuer about a token.',
  );

/** All settings. The program uses the output type of the schema. The JSON Schema describes its input. */
export const configSchema = z
  .strictObject({
    listen,
    grpc,
    http,
    realm: z
      .string()
      .regex(/^[A-Za-z0-9 ._/:-]+$/, 'must be plain text without quotes, such as peerproof')
      .default('peerproof')
      .describe('The realm in WWW-Authenticate.'),
    identity,
    issuers: z.record(field.name, issuer).default({}),
    peers: peers.prefault({}),
    clients: z.record(z.string(), client).default({}),
    wit,
    dpop,
    hosts,
    paths,
    mode: mode
      .default('enforce')
      .describe(
        '`observe`: a request that would be refused passes, also if no rule covers it. Identity headers are set only as far as they are proven. The log says why it would be refused (`would_deny`). A check that cannot be read is still refused.',
      ),
    shadow: shadow.optional(),
    rules: z.array(rule),
    workloads: z.record(field.name, workload).default({}),
    delegate: delegations,
    include,
    rulesFrom: rulesFrom.optional(),
    lastRules: z
      .array(rule)
      .default([])
      .describe('Rules that are tried after all others, also after those of teams. As in `rules`.'),
    resourceMetadata,
    revocation: revocation.optional(),
    log,
    console: consoleSettings,
    telemetry: telemetry.optional(),
    store: store.optional(),
    limits,
    readiness: z
      .enum(['started', 'issuers'])
      .default('started')
      .describe(
        'When /readyz is 200 for the first time. `started`: each issuer and trust bundle was tried once. `issuers`: each of them has answered once, so a roll-out stops at a wrong address, a missing permission or a closed network. An outage after that never changes /readyz. A pod that starts during an outage waits for its end.',
      ),
    drain: z
      .strictObject({
        delay: field.duration(
          '5s',
          'Time between NOT_SERVING and the end of listening. Proxies use it to move to another replica.',
        ),
        timeout: field.duration('20s', 'How long open calls may take to finish.'),
      })
      .prefault({}),
  })
  .describe('Configuration of Peerproof.');

/** The settings of the file, and the accepted rules of teams in the order in which they are tried. */
export type Config = z.output<typeof configSchema> & { readonly teams?: readonly TeamRules[] };
export type ConfigInput = z.input<typeof configSchema>;
export type RuleConfig = z.output<typeof rule>;
/** The rules of one team. Their names do not hold the owner. */
export interface TeamRules {
  readonly owner: string;
  readonly rules: readonly RuleConfig[];
}
