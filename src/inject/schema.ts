import * as z from 'zod';
import * as field from '../config/fields.ts';
import { configSchema } from '../config/schema.ts';

/** The settings that `inject` shares with `serve`. */
const { grpc, drain, hosts } = configSchema.shape;

const entry = z.strictObject({
  name: field.optional(field.name, 'Name in the log and the metrics. Default: the audience.'),
  hosts: z
    .array(field.hostPattern)
    .min(1, 'must hold at least one pattern')
    .describe(
      'Patterns for the hosts that get the token, such as `orders.*`. Case is ignored. A port or final dot must be part of the pattern, see `hosts`.',
    ),
  audience: field.text.describe('The `aud` of the token must hold it. Otherwise the token is not used.'),
  file: field.text.describe('The file with the token. It is read every second, and may be created later.'),
  overwrite: field.flag('Replaces the Authorization header of a request that already has one.'),
});

/** All settings of `peerproof inject`. */
export const injectSchema = z
  .strictObject({
    listen: z
      .strictObject({
        grpc: field.address
          .prefault('127.0.0.1:9011')
          .describe(
            "Address for Envoy's gRPC checks and grpc.health.v1. Every client that may call it can get the tokens.",
          ),
        admin: field.address
          .prefault('0.0.0.0:9013')
          .describe('Address for /healthz, /readyz and /metrics over HTTP.'),
      })
      .prefault({}),
    grpc,
    allowInsecureCallers: field.flag(
      'Allows a `listen.grpc` that other machines can reach without `grpc.tls.clientCaFile`.',
    ),
    hosts,
    tokens: z
      .array(entry)
      .min(1, 'must hold at least one entry: without entries no token is ever added')
      .describe('The first entry with a pattern that matches the host is used.'),
    drain,
  })
  .describe('Configuration of peerproof inject.');

export type InjectConfig = z.output<typeof injectSchema>;
export type InjectConfigInput = z.input<typeof injectSchema>;
