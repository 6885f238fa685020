import { z } from 'zod';
import { bindingNames } from '../core/binding/bind.ts';
import { peerSources } from '../core/peer/verify-peer.ts';
import { credentialNames } from '../core/token/credential.ts';
import * as field from './fields.ts';
import { identity } from './identity-schema.ts';
import { issuer } from './issuer-schema.ts';
import { grpc, http, listen } from './listen-schema.ts';
import { hosts, paths } from './reading-schema.ts';

const trustDomain = z
  .strictObject({
    bundle: field.text
      .optional()
      .describe('File of its authorities, PEM or a SPIFFE bundle; read again when it changes.'),
    bundleEndpoint: field.url
      .optional()
      .describe('Its SPIFFE bundle endpoint (profile https_web); asked as often as the bundle says.'),
    ca: field.text
      .optional()
      .describe("PEM file of the authorities trusted for the endpoint, instead of the system's."),
    timeout: field.duration.prefault('5s').describe('The longest that one answer of the endpoint may take.'),
    keep: field.duration.prefault('24h').describe('How long its bundle is used while it does not answer.'),
    allowInsecureHttp: z
      .boolean()
      .default(false)
      .describe('Lets the endpoint be asked over plain http outside this machine.'),
  })
  .describe('With a bundle, the certificate of each of its peers must chain to it.');

const peers = z
  .strictObject({
    from: z
      .array(z.enum(peerSources))
      .min(1)
      .default(['attribute', 'xfcc', 'principal'])
      .describe('Where a peer is read from; the first that holds one counts.'),
    trustDomains: z
      .record(field.trustDomain, trustDomain.nullable())
      .optional()
      .describe('The SPIFFE trust domains that are believed. Without this key none is.'),
    gateways: z
      .array(field.spiffePattern)
      .default([])
      .describe('Proxies in SANITIZE_SET mode whose word about their own peer is believed.'),
    waypoints: z
      .array(field.spiffePattern)
      .default([])
      .describe(
        'Ambient waypoints with `xfcc-include-client-identity`. Over gRPC their `By` names the workload for `destinations`; that of others does not.',
      ),
    clockSkew: field.duration.prefault('0s').describe('How far certificate validity may be off.'),
  })
  .describe('Who may be at the other end of an mTLS connection.');

const workloads = z.array(field.spiffePattern).min(1, 'must hold at least one SPIFFE ID');
const client = z
  .union([
    workloads.transform((list) => ({ workloads: list, issuers: undefined })),
    z.strictObject({ workloads, issuers: z.array(field.name).min(1).optional() }),
  ])
  .describe('The workloads of an OAuth client, for tokens of all issuers or of the named ones.');

const scalar = z.union([z.string(), z.number(), z.boolean()]);

const match = z
  .strictObject({
    protocol: z
      .enum(['http', 'tcp'])
      .default('http')
      .describe("`tcp`: connections, as Envoy's network filter asks."),
    hosts: z
      .array(field.hostPattern)
      .default([])
      .describe(
        'Without case, such as `orders.*`. A port or final dot must be written out (`orders.example.com:8443`), see `hosts`. Where the proxy takes every Host, as sidecars do, name `destinations`.',
      ),
    methods: z
      .array(z.string().regex(/^[A-Z][A-Z-]*$/, 'must be in capitals, such as GET'))
      .default([])
      .describe('In capitals.'),
    paths: z.array(field.pathPattern).default([]).describe('Without the query, such as `/orders/**`.'),
    context: z.record(z.string(), z.string()).default({}).describe("Envoy's per-route context_extensions."),
    destinations: z
      .array(field.spiffePattern)
      .default([])
      .describe(
        'The workload that is asked for, by the SPIFFE ID that its proxy has: the only thing about it that a caller cannot choose. It needs mTLS; where the proxy names none, the rule does not match.',
      ),
    ports: z
      .array(z.int().min(1).max(65535))
      .default([])
      .describe("The destination's port. Over HTTP it is not known, and such a rule does not match."),
  })
  .describe('What a rule covers; an empty match covers every HTTP request.');

const requirements = z
  .strictObject({
    issuers: z.array(field.name).default([]).describe('Names of accepted issuers; without it, all.'),
    scopes: z.array(field.text).default([]).describe('All of them are needed.'),
    claims: z
      .record(z.string(), z.union([scalar, z.array(scalar).min(1)]))
      .default({})
      .describe('Claim, or JSON pointer to one: the value, or any of the values, that it must have or hold.'),
    serviceAccounts: z
      .array(field.kubernetesPattern)
      .default([])
      .describe(
        'One must be the ServiceAccount of the token, such as `applications/oauthclient` or `prod/*`.',
      ),
    namespaces: z.array(field.text).default([]).describe('One must be the namespace of the ServiceAccount.'),
    pods: z.array(field.kubernetesPattern).default([]).describe('One must be the pod of the token.'),
    emails: z
      .array(field.text)
      .default([])
      .describe(
        'One must be the e-mail address, as `identity.claims` finds it; see `identity.allowInsecureUnverifiedEmail`.',
      ),
    emailDomains: z
      .array(field.text)
      .default([])
      .describe('One must be its domain: `example.com` itself, `.example.com` everything below it.'),
    when: field.condition
      .optional()
      .describe(
        'A CEL expression over request, token, claims, peer and serviceAccount; an error in it denies.',
      ),
    peers: z.array(field.spiffePattern).default([]).describe('One must match the peer.'),
    credential: z
      .enum(credentialNames)
      .default('bearer')
      .describe(
        'Where the token is: in `Authorization`, or as `client_assertion` in the form of a token request (RFC 7523); Envoy then needs with_request_body.',
      ),
    binding: z
      .array(z.enum(bindingNames))
      .min(1, 'must hold at least one; none must be written out')
      .optional()
      .describe(
        'Proofs that the token belongs to the sender, in order. Default: certificate, and workload where trustDomains are set.',
      ),
  })
  .describe('What a request must bring.');

const rule = z.strictObject({
  name: field.name.describe('For the log and the metrics.'),
  match: match.prefault({}),
  require: requirements.optional(),
  public: z.literal(true).optional().describe('Anyone may pass.'),
});

const workload = z
  .strictObject({
    destinations: z
      .array(field.spiffePattern)
      .min(1, 'must hold at least one SPIFFE ID')
      .describe('As in `rules[].match.destinations`, for all of its rules.'),
    rules: z
      .array(rule)
      .min(1, 'must hold at least one rule')
      .describe('As in `rules`, which come first. In log and metrics `<name>/<rule>`.'),
  })
  .describe(
    'Rules of one team, for requests to its workloads and no others. What none of them matches is denied.',
  );

/** Every setting there is, once. What the program works with is its output; the published JSON Schema its input. */
export const configSchema = z
  .strictObject({
    listen,
    grpc,
    http,
    realm: z
      .string()
      .regex(/^[A-Za-z0-9 ._/:-]+$/, 'must be plain text without quotes')
      .default('peerproof')
      .describe('For WWW-Authenticate.'),
    identity,
    issuers: z.record(field.name, issuer).default({}),
    peers: peers.prefault({}),
    clients: z.record(z.string(), client).default({}),
    hosts,
    paths,
    rules: z.array(rule),
    workloads: z.record(field.name, workload).default({}),
    limits: z
      .strictObject({
        tokenLength: z.int().min(256).max(65536).default(16_384).describe('Characters.'),
        checkTimeout: field.duration
          .prefault('5s')
          .describe('The longest a check may take, whatever Envoy would wait.'),
        waitingChecks: z
          .int()
          .min(1)
          .default(1_000)
          .describe(
            'How many checks may wait for issuers (an unknown `kid`, TokenReview, introspection); shared out by issuer and sender. More are refused at once (`overloaded`); others never wait.',
          ),
        eventLoopDelay: field.duration
          .prefault('1s')
          .describe('Not ready while the process is busier than that: work waits so long for its turn.'),
        tokenMemory: field.bytes
          .prefault('64Mi')
          .describe(
            'Memory for verified tokens, in each process; 0: none is remembered. An issuer that is asked about tokens has 20Mi more.',
          ),
        certificateMemory: field.bytes
          .prefault('16Mi')
          .describe('Memory for the certificates of peers, in each process; 0: none is remembered.'),
      })
      .prefault({}),
    drain: z
      .strictObject({
        delay: field.duration
          .prefault('5s')
          .describe('Between NOT_SERVING and the end of listening, for proxies to turn away.'),
        timeout: field.duration.prefault('20s').describe('For calls that are under way.'),
      })
      .prefault({}),
  })
  .describe('Configuration of Peerproof.');

export type Config = z.output<typeof configSchema>;
export type ConfigInput = z.input<typeof configSchema>;
export type RuleConfig = Config['rules'][number];
