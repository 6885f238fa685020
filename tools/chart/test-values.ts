import { z } from 'zod';

const ask = z.strictObject({
  name: z.string().min(1),
  method: z.string().regex(/^[A-Z]+$/),
  path: z.string().regex(/^\//),
  host: z.string().min(1).optional(),
  headers: z.record(z.string(), z.string()).optional(),
  destination: z.string().min(1).optional(),
  expect: z.enum(['allow', 'deny']),
});

const refused = {
  name: 'a request without a token',
  method: 'GET',
  path: '/peerproof-helm-test',
  expect: 'deny',
} as const;

/** What `helm test` asks. */
export const tests = z
  .strictObject({
    enabled: z.boolean().default(true),
    asks: z
      .array(ask)
      .min(1)
      .default([refused])
      .describe(
        'The questions: `{name, method, path, host, headers, destination, expect}`. Add one that your rules allow. `destination` is the SPIFFE ID of an application, for gRPC only.',
      ),
  })
  .prefault({})
  .describe('`helm test` asks Peerproof through its Service, and compares the verdicts.');
