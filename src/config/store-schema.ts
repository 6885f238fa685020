import * as z from 'zod';
import * as field from './fields.ts';

/** What becomes of a proof that holds only once while the store does not answer. */
export const outageAnswers = ['refuse', 'allowReplays'] as const;

const defaultPort = 6379;

const node = z
  .string()
  .regex(
    /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?$/,
    'must be a host with a port, such as redis.example.com:6379',
  )
  .transform((text) => {
    const [, host = '', port] = /^(.*?)(?::(\d+))?$/.exec(text) ?? [];
    return { host: host.replace(/^\[|\]$/g, ''), port: Number(port ?? defaultPort) };
  })
  .refine(({ port }) => port > 0 && port <= 65_535, 'must have a port from 1 to 65535');

const nodes = z.array(node).min(1, 'must hold at least one address').max(32);

const login = {
  user: field.optional(field.text, 'The user (ACL). Default: `default`.'),
  passwordFile: field.optional(
    field.text,
    'File with the password, without spaces and line ends around it. It is read again for each new connection.',
  ),
};

const tls = z
  .strictObject({
    caFile: field.optional(
      field.text,
      "PEM file of the certificate authorities that are trusted for connections to it. Replaces the system's.",
    ),
    certFile: field.optional(field.text, 'PEM file of a client certificate.'),
    keyFile: field.optional(field.text, 'PEM file of its key.'),
    serverName: field.optional(
      field.text,
      'The name that the certificate of the server must have. Default: the host of its address.',
    ),
  })
  .describe('Connects over TLS. `{}`: with the certificate authorities of the system.');

const sentinel = z
  .strictObject({
    master: field.text.describe('The name of the master.'),
    nodes: nodes.describe('The addresses of the sentinels.'),
    ...login,
  })
  .describe(
    'Finds the master through Redis Sentinel. `user` and `passwordFile` here are those of the sentinels.',
  );

const redis = z
  .strictObject({
    address: node.optional().describe('The address of one server, such as `redis.example.com:6379`.'),
    sentinel: sentinel.optional(),
    cluster: nodes
      .optional()
      .describe('Addresses of some nodes of a Redis Cluster. The others are found through them.'),
    ...login,
    database: z
      .int()
      .min(0)
      .max(1_000)
      .default(0)
      .describe('The number of the database. A cluster has only 0.'),
    tls: tls.optional(),
    prefix: z
      .string()
      .regex(/^[\x21-\x7e]{1,64}$/, 'must be 1 to 64 printable characters')
      .default('peerproof:')
      .describe('All keys begin with it. Replicas that must know of each other need the same prefix.'),
    timeout: field
      .duration('250ms', 'How long a check waits for an answer, but never past its own deadline.')
      .refine((timeout) => timeout > 0 && timeout <= 5_000, 'must be more than 0ms, and at most 5s'),
    allowInsecurePlaintext: field.flag(
      'Allows connections without TLS to a host other than this machine. Everyone on the network can then answer for the store.',
    ),
  })
  .describe('A Redis 7 or a Valkey 8. Exactly one of `address`, `sentinel` and `cluster` says where it is.');

/** The memory that replicas share. */
export const store = z
  .strictObject({
    redis,
    onOutage: z
      .enum(outageAnswers)
      .default('refuse')
      .describe(
        'What becomes of a proof that holds only once while the store does not answer. `refuse`: the request is refused (`store_unavailable`). `allowReplays`: each process remembers for itself, so a recorded proof is accepted again by every other process until the store answers.',
      ),
  })
  .describe(
    'What replicas must know together: proofs that were used, and revocations. Without it, each process remembers for itself.',
  );

export type StoreConfig = z.output<typeof store>;
export type RedisConfig = StoreConfig['redis'];
