import * as z from 'zod';
import * as field from './fields.ts';

/** The settings of the console. Each of them applies without a restart. */
export const consoleSettings = z
  .strictObject({
    enabled: z
      .boolean()
      .default(true)
      .describe('Whether there is a console where it is permitted. `false` turns it off on every address.'),
    passwordFile: field.optional(
      field.text,
      'File with the password of the console, at least 16 characters. The user name is `peerproof` (HTTP Basic). It is needed unless `listen.admin` is a loopback address, and then it is asked for there too.',
    ),
  })
  .prefault({})
  .describe(
    'The console: one page on the admin port that shows the service. On a loopback address it is open to clients of the same machine. On any other address there is none without `passwordFile`.',
  );
