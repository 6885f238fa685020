import * as z from 'zod';
import * as field from '../config/fields.ts';
import { type ReasonName, reasons } from '../core/reasons.ts';
import { assertionTypes } from '../core/token/client-assertion.ts';

const reasonNames = Object.keys(reasons) as ReasonName[];

const token = z.strictObject({
  issuer: field.optional(field.name, 'The name of its issuer in the configuration. Default: the only one.'),
  claims: z
    .record(z.string(), z.unknown())
    .default({})
    .describe('Claims over those that every token of the issuer has. `null` takes a claim away.'),
  header: z
    .record(z.string(), z.unknown())
    .default({})
    .describe('Members of the JOSE header, such as `alg` or `typ`.'),
  bound: field.optional(z.boolean(), 'Binds the token to the certificate of `peer` (`cnf`, RFC 8705).'),
  dpop: field.optional(
    z.boolean(),
    'Binds the token to a key, and sends it with a proof of this key for the request (`cnf.jkt`, RFC 9449).',
  ),
  expired: field.optional(z.boolean(), 'The token expired a day ago.'),
  clientId: field.optional(
    field.text,
    'Sends the token as the client assertion of this client, in the form of a token request.',
  ),
  assertion: field.optional(
    z.enum(assertionTypes),
    'The type of the client assertion. `jwt-spiffe` needs no `clientId`. Default with `clientId`: `jwt-bearer`.',
  ),
  text: field.optional(field.text, 'The token as it is sent, in place of one that the test makes up.'),
});

const peer = z
  .union([
    field.text,
    z.strictObject({
      spiffeId: field.optional(field.text, 'Default: a certificate without a SPIFFE ID.'),
      certificate: field.optional(
        field.text,
        'Tells certificates of one workload apart, such as those before and after a rotation.',
      ),
      via: field.optional(field.text, 'The SPIFFE ID of the gateway that the sender comes through.'),
    }),
  ])
  .describe('The SPIFFE ID of the sender, or its certificate. `none`: no certificate.');

const caller = z
  .strictObject({
    peer: peer.optional(),
    token: field.optional(
      z.union([z.literal('none'), token]),
      'The token, signed as its issuer would. `none`: no token.',
    ),
    client: field.optional(
      z.string(),
      'Sends a token request of this client without a token, as for `credential: client-certificate`. Empty: without `client_id`.',
    ),
  })
  .describe('A sender: the peer of the connection and the token that it sends. Default: neither.');

const notPort = 'must be a port from 1 to 65535';
const port = z.int(notPort).min(1, notPort).max(65535, notPort);

const requestForms = [
  z
    .string()
    .regex(
      /^\S+ (?:https?:\/\/)?[^/?#\s]+(?:\/\S*)?$/,
      'must be a method and an address, such as GET https://orders.example.com/orders/1',
    ),
  z.strictObject({
    protocol: z
      .enum(['http', 'tcp'])
      .default('http')
      .describe('`tcp`: a connection, of which only `port` and `context` count.'),
    method: z.string().default('GET').describe('The method, as it is sent.'),
    host: field.optional(z.string(), 'The `Host` header, as it is sent. A request must have one.'),
    path: z.string().default('/').describe('The path with the query, as it is sent.'),
    headers: z.record(field.text, z.string()).default({}).describe('Other headers.'),
    port: field.optional(port, 'The port of the destination.'),
    context: z.record(z.string(), z.string()).default({}).describe("Envoy's `context_extensions`."),
  }),
] as const;

const expectation = z
  .union([
    z.enum(['allow', 'deny', 'answer']),
    z.strictObject({
      effect: z
        .enum(['allow', 'deny', 'answer'])
        .describe('Whether the request passes. `answer`: Peerproof itself answers it (`resourceMetadata`).'),
      reason: field.optional(z.enum(reasonNames), 'The reason in the log, see docs/reference/reasons.md.'),
      wouldDeny: field.optional(
        z.enum(reasonNames),
        'The reason for which the request would be denied, if that is only observed (`would_deny` in the log).',
      ),
      rule: field.optional(field.text, 'The name of the rule that covers the request.'),
      headers: z
        .record(field.text, z.string())
        .default({})
        .describe('Headers that Peerproof adds to the request, or that a refusal has.'),
      without: field.list(field.text, 'Headers that it does not add.'),
      status: field.optional(z.int(), 'The HTTP status of the answer.'),
    }),
  ])
  .describe('`allow`, `deny` or `answer`, or more of the decision.');

const policyTest = z
  .strictObject({
    name: z
      .string()
      .min(1, 'must not be empty')
      .max(200, 'must have at most 200 characters')
      .describe('What the test shows, as a sentence.'),
    request: z
      .union([...requestForms, z.array(z.union(requestForms)).min(1, 'must hold at least one entry')])
      .describe(
        'A request, such as `GET https://orders.example.com/orders/1`, or its parts, or a list: each of them is a test of its own.',
      ),
    from: z
      .union([
        field.name,
        caller.extend({
          like: field.optional(field.name, 'A caller from `callers`. What is set here is put over it.'),
        }),
        z.array(field.name).min(1, 'must hold at least one entry'),
      ])
      .optional()
      .describe(
        'A caller from `callers`, a list of them, or a sender that is written here. Default: a sender without certificate and token.',
      ),
    to: field.optional(
      field.text,
      'The called workload: a name from `destinations`, or a SPIFFE ID. Default: the proxy names none.',
    ),
    expect: expectation,
  })
  .describe('One request and its decision. Lists make a test of each combination.');

/** All keys of a file with policy tests. */
export const policyTestSchema = z
  .strictObject({
    config: field.optional(
      field.text,
      'The configuration under test. The path is relative to this file. `--config` replaces it. Default: `peerproof.yaml`.',
    ),
    now: field.optional(
      z.iso.datetime({ offset: true, error: 'must be a time, such as 2026-01-01T00:00:00Z' }),
      'The time of all requests. Default: now.',
    ),
    callers: z.record(field.name, caller).default({}).describe('Senders, by the names that tests use.'),
    destinations: z
      .record(field.name, field.spiffeId)
      .default({})
      .describe('SPIFFE IDs of called workloads, by the names that tests use.'),
    tests: z.array(policyTest).min(1, 'must hold at least one test').describe('The tests.'),
  })
  .describe('Policy tests of Peerproof.');

export type TestFileContent = z.output<typeof policyTestSchema>;
export type PolicyTest = TestFileContent['tests'][number];
export type CallerContent = TestFileContent['callers'][string];
export type RequestContent = Exclude<PolicyTest['request'], readonly unknown[]>;
/** What a test expects, with all that it leaves open. */
export type Expectation = Exclude<PolicyTest['expect'], string>;
/** A file as it is written. */
export type TestFileInput = z.input<typeof policyTestSchema>;
export type CallerInput = NonNullable<TestFileInput['callers']>[string];
