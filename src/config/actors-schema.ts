import * as z from 'zod';
import { parseSpiffePattern } from '../core/peer/spiffe-id.ts';
import { longestChain } from '../core/token/actors.ts';
import { Malformed } from '../lib/malformed.ts';
import * as field from './fields.ts';

/** A pattern of SPIFFE IDs, or another name, which is compared as it is. */
const party = field.parsed((text) => {
  if (text === '') return new Malformed('must not be empty');
  const pattern = text.startsWith('spiffe://') ? parseSpiffePattern(text) : undefined;
  return pattern instanceof Malformed ? pattern : { text, pattern };
}, 'spiffe://cluster.local/ns/shop/sa/frontend or the ID of a client');

const delegation = z
  .strictObject({
    who: z
      .array(party)
      .min(1, 'must hold at least one actor')
      .describe(
        'The actors: patterns of SPIFFE IDs, or IDs of clients in `clients`. A client ID holds at the issuers of its entry there.',
      ),
    for: field.list(
      party,
      'The subjects that they may act for: patterns of SPIFFE IDs, or values of `sub`. Default: all.',
    ),
  })
  .describe('Who may act for whom.');

export const actors = z
  .strictObject({
    allow: field.list(
      delegation,
      'Every actor of the chain must be named by an entry that is for the subject of the token.',
    ),
    maxLength: z
      .int()
      .min(0, 'must be 0 or more')
      .max(longestChain, `must be at most ${longestChain}`)
      .default(1)
      .describe(
        'The most actors of a chain. `1`: only the current actor. `0`: a token with an actor is refused.',
      ),
    optional: field.flag('A token without an actor is accepted too.'),
  })
  .optional()
  .describe(
    'Who may act for the subject of the token (claim `act`, RFC 8693 §4.1). Default: every actor that the issuer names, which sends the token itself, after any prior actors.',
  );
