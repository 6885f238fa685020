import * as z from 'zod';
import * as field from '../fields.ts';
import { rule } from '../schema.ts';

/** What a team writes. It has no other setting, so it changes nothing but its own rules. */
export const teamSchema = z
  .strictObject({
    owner: field.name.describe('The name of the team, as in `delegate[].owner`.'),
    rules: z.array(rule).describe('As in `rules`. Each must stay within what is delegated to the owner.'),
  })
  .describe('Rules of one team.');
