import type { IncomingMessage } from 'node:http';
import type { ConsoleAccess } from '../config/console-access.ts';
import { isLoopbackHost } from '../lib/loopback.ts';
import { type ConsoleAnswer, text } from './answer.ts';
import type { PasswordCheck } from './password.ts';

/**
 * Whether a request may be answered. Keeps out pages of other sites, which a browser lets send requests: their
 * requests say so (`Sec-Fetch-Site`), and a name that suddenly means this machine (DNS rebinding) is no
 * loopback name. Then asks for the password, if there is one.
 * @returns the answer of a request that may not, else undefined
 */
export async function refusalOf(
  request: IncomingMessage,
  access: ConsoleAccess,
  checkPassword: PasswordCheck,
): Promise<ConsoleAnswer | undefined> {
  const { host = '', authorization, 'sec-fetch-site': site = 'none' } = request.headers;
  if (access.to === 'nobody') return text(404, 'not found');
  if (access.to === 'this-machine' && !isLoopbackHost(host))
    return text(
      403,
      'Open the console by its address on this machine, such as http://127.0.0.1:9003/console.',
    );
  if (site !== 'same-origin' && site !== 'none')
    return text(403, 'Another site asked for this. Type the address of the console yourself.');
  if (access.to === 'password')
    return checkPassword(authorization, access.password, request.socket.remoteAddress ?? '');
  return undefined;
}

/**
 * Whether a request that makes the service work was sent by the console itself, or by a program. A form of
 * another site cannot send JSON, and its origin is another one.
 */
export function isOwnRequest({ headers }: IncomingMessage): boolean {
  const { host = '', origin, 'content-type': type = '' } = headers;
  if (!/^application\/json(?:;|$)/i.test(type)) return false;
  return origin === undefined || origin === `http://${host}` || origin === `https://${host}`;
}
