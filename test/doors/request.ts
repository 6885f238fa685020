import { type Mint, tokens } from './tokens.ts';
import type { HeaderLines, Verdict } from './verdict.ts';

/** The host of the application, unless a row says another one. */
export const HOST = 'orders.example.com';

/** A request as a client sends it. */
export interface SentRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: HeaderLines;
}

/** The request of a row, with a fresh token. The connection, with or without a certificate, is the caller's. */
export function requestOf(verdict: Verdict, mint: Mint, usualHost = HOST): SentRequest {
  const { token, method = 'GET', path, host = usualHost, headers = [] } = verdict;
  const { authorization = (text: string) => [`Bearer ${text}`] } = verdict;
  const values = token ? authorization(tokens[token](mint)) : [];
  return {
    method,
    path,
    headers: [['Host', host], ...values.map((value) => ['Authorization', value] as const), ...headers],
  };
}
