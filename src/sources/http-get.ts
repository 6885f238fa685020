import { parseJson } from '../lib/json.ts';
import { type ExchangeOptions, exchange, placeOf } from './http-client.ts';

export interface GetOptions extends ExchangeOptions {
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** Kubernetes answers 406 for its keys to those who want `application/json` alone. */
const accept = 'application/json, application/jwk-set+json, */*;q=0.1';

/**
 * Fetches a JSON document. Only 200 is an answer: a redirect is refused and not followed, since it could lead anywhere.
 * Rejects with an `Error` whose message is fit for a log: on another status, a body that is too large or no JSON, and
 * when the time is over.
 */
export async function getJson(url: URL, { headers, ...options }: GetOptions): Promise<unknown> {
  const { status, body } = await exchange(url, { headers: { accept, ...headers } }, options);
  if (status !== 200) throw new Error(`${placeOf(url)} answered ${status}`);
  const value = parseJson(body);
  if (value === undefined) throw new Error(`${placeOf(url)} answered something that is not JSON`);
  return value;
}
