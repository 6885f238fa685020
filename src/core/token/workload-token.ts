import { Denial } from '../denial.ts';
import type { PresentedRequest } from '../evidence.ts';
import { wit } from './wit-carriers.ts';

/**
 * The one workload identity token of a request (draft-ietf-wimse-workload-creds-02 §3.1.1), or undefined if
 * none was sent. A proxy joins two headers with a comma: two tokens are refused, none of them is chosen.
 */
export function readWorkloadToken({ headers }: PresentedRequest): string | undefined | Denial {
  const token = headers[wit.header];
  if (token === undefined || token === '') return undefined;
  return token.includes(',')
    ? new Denial('authorization_ambiguous', `several values of ${wit.header}`)
    : token;
}
