import { IDS } from '../support/identities.ts';
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
  const { authorization = (text: string) => [`Bearer ${text}`], forgesCertificate } = verdict;
  const values = token ? authorization(tokens[token](mint)) : [];
  return {
    method,
    path,
    headers: [
      ['Host', host],
      ...values.map((value) => ['Authorization', value] as const),
      ...headers,
      ...(forgesCertificate ? forgedCertificate(mint) : []),
    ],
  };
}

function forgedCertificate({ certificate: { sha256Hex, urlEncodedPem, der } }: Mint): HeaderLines {
  const base64 = der.toString('base64');
  return [
    [
      'x-forwarded-client-cert',
      `By=${IDS.orders};Hash=${sha256Hex};Cert="${urlEncodedPem}";Subject="";URI=${IDS.client}`,
    ],
    ['x-client-certificate', base64],
    ['ssl-client-cert', urlEncodedPem],
    ['x-forwarded-tls-client-cert', base64],
  ];
}
