import * as z from 'zod';
import { longestCheck } from '../core/longest-check.ts';
import * as field from './fields.ts';

export const limits = z
  .strictObject({
    tokenLength: z
      .int()
      .min(256)
      .max(65536)
      .default(16_384)
      .describe('The longest accepted token, in characters.'),
    checkTimeout: field
      .duration('5s', 'How long a check may take. This limit holds even if Envoy waits longer.')
      .refine((milliseconds) => milliseconds <= longestCheck, 'must be at most 30s'),
    waitingChecks: z
      .int()
      .min(1)
      .default(1_000)
      .describe(
        'How many checks may wait for issuers (an unknown `kid`, TokenReview, introspection). The places are divided among issuers and senders. A check without a place is refused at once (`overloaded`). Checks that need no answer of an issuer never wait.',
      ),
    eventLoopDelay: field.duration(
      '1s',
      '/readyz fails while the mean delay of the event loop is larger than this for several seconds.',
    ),
    tokenMemory: field.bytes
      .prefault('64Mi')
      .describe(
        'Memory of each process for the cache of verified tokens. Half as much again is used for answers to tokens that come again. 0 turns both caches off. Each issuer with TokenReview or introspection may use 20Mi more.',
      ),
    certificateMemory: field.bytes
      .prefault('16Mi')
      .describe('Memory of each process for the cache of peer certificates. 0 turns the cache off.'),
    usedProofMemory: field.bytes
      .prefault('64Mi')
      .describe(
        'Memory of each process for proofs that must not be used again. A mebibyte holds 2,700 of them. Each is kept until half a minute after it expires: if the memory is full, further ones are refused (`store_unavailable`). One subject may fill half of it.',
      ),
  })
  .prefault({});
