import { z } from 'zod';
import * as field from '../config/fields.ts';
import { configSchema } from '../config/schema.ts';

/** The gRPC door, the way to stop and the way to read a Host are those of `serve`, with the same limits. */
const { grpc, drain, hosts } = configSchema.shape;

const entry = z.strictObject({
  name: field.name.optional().describe('For the log and the metrics; without it, the audience.'),
  hosts: z
    .array(field.hostPattern)
    .min(1, 'must hold at least one')
    .describe(
      'Where the token is sent: without case, such as `orders.*`. A port or final dot must be written out, see `hosts`.',
    ),
  audience: field.text.describe('Must stand in the `aud` of the token, or the file is the wrong one.'),
  file: field.text.describe('Holds the token. Read anew each second; may appear later.'),
  overwrite: z.boolean().default(false).describe('Also replaces an Authorization that the request brings.'),
});

/** Every setting of `peerproof inject`, once. */
export const injectSchema = z
  .strictObject({
    listen: z
      .strictObject({
        grpc: field.address
          .prefault('127.0.0.1:9011')
          .describe("Envoy's gRPC checks and grpc.health.v1. Whoever may ask is given the tokens."),
        admin: field.address.prefault('0.0.0.0:9013').describe('/healthz, /readyz and /metrics, over HTTP.'),
      })
      .prefault({}),
    grpc,
    allowInsecureCallers: z
      .boolean()
      .default(false)
      .describe('Lets `listen.grpc` be open to other machines without `grpc.tls.clientCaFile`.'),
    hosts,
    tokens: z
      .array(entry)
      .min(1, 'must hold at least one entry: without any, nothing is ever added')
      .describe('The first entry with a pattern that matches the host counts.'),
    drain,
  })
  .describe('Configuration of peerproof inject.');

export type InjectConfig = z.output<typeof injectSchema>;
export type InjectConfigInput = z.input<typeof injectSchema>;
