import * as z from 'zod';
import { optionalFields } from '../operate/decision-field.ts';
import { logFormatNames } from '../operate/log-format.ts';
import { levelNames } from '../operate/log-level.ts';
import * as field from './fields.ts';

const share = z.number().min(0).max(1);

const shares = z.strictObject({
  default: share.default(1).describe('The share for rules that are not named.'),
  rules: z.record(z.string(), share).default({}).describe('The share by the name of a rule.'),
});

/** The settings of the log. Each of them applies without a restart. */
export const log = z
  .strictObject({
    format: z
      .enum(logFormatNames)
      .default('json')
      .describe(
        'The names of the fields, also in the lines about the service. `json`: those of Peerproof. `ecs`: those of the Elastic Common Schema.',
      ),
    level: z
      .enum(levelNames)
      .default('info')
      .describe(
        'The least important decisions that are written. `info`: all. `warn`: denials, also those that are only observed, and outages. `error`: outages only. Lines about the service are always written.',
      ),
    sample: z
      .union([share.transform((all) => ({ default: all, rules: {} })), shares])
      .prefault(1)
      .describe(
        'The share of allowed requests that is written, from 0 to 1: one number, or `{default: 0.1, rules: {health: 0}}`. Refusals are always written, also those that are only observed. A line with `sampled` stands for several requests. Metrics count all of them.',
      ),
    public: z.boolean().default(true).describe('Whether allowed requests to public rules are written.'),
    omit: field.list(
      z.enum(optionalFields),
      'Fields that are left out, such as `user_agent`. Their names are those of the format `json`. `decision_id`, `effect` and `reason` are always written.',
    ),
    maxLinesPerSecond: field.optional(
      z.int().min(1),
      'The most lines about decisions that each process writes in a second. More lines are left out, also those about refusals: they are counted in `peerproof_log_lines_limited_total` and reported in the log. Default: no bound.',
    ),
  })
  .prefault({})
  .describe('The lines of the log about decisions.');
