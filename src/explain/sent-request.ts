import type { Evidence } from '../core/evidence.ts';
import type { CheckRequest } from '../grpc/check-messages.ts';
import { evidenceOf } from '../grpc/check-request.ts';
import { Malformed } from '../lib/malformed.ts';

/** A request as a person describes it. */
export interface SentRequest {
  readonly method: string;
  readonly host: string;
  /** With the query. */
  readonly path: string;
  /** In their order; two of one name are joined as Envoy joins them. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body?: string | undefined;
  /** The client certificate as PEM. Other parts of the file, such as a key, are passed over. */
  readonly certificate?: string | undefined;
  /** `x-forwarded-client-cert` as the proxy sends it. */
  readonly xfcc?: string | undefined;
  readonly destination?: string | undefined;
  readonly port?: number | undefined;
  readonly context?: Readonly<Record<string, string>> | undefined;
}

/**
 * What Envoy would ask about a request, read by the same function. The proxy is assumed to send the
 * certificate.
 */
export function evidenceOfSent(sent: SentRequest): Evidence | Malformed {
  const { method, host, path, body, xfcc, destination = '', port, context = {} } = sent;
  const certificate = sent.certificate === undefined ? undefined : leafIn(sent.certificate);
  if (certificate instanceof Malformed) return certificate;
  const given =
    xfcc === undefined ? sent.headers : [...sent.headers, ['x-forwarded-client-cert', xfcc] as const];
  const headers: Record<string, string> = Object.create(null);
  for (const [name, value] of given) {
    const lower = name.toLowerCase();
    headers[lower] = headers[lower] === undefined ? value : `${headers[lower]},${value}`;
  }
  const check: CheckRequest = {
    attributes: {
      source: certificate === undefined ? {} : { certificate: encodeURIComponent(certificate) },
      destination: {
        principal: destination,
        ...(port !== undefined && { address: { socketAddress: { portValue: port } } }),
      },
      contextExtensions: context,
      request: { http: { method, host, path, headers, ...(body !== undefined && { body }) } },
    },
  };
  return evidenceOf(check);
}

/** The first certificate of a file. */
function leafIn(pem: string): string | Malformed {
  const begin = pem.indexOf('-----BEGIN CERTIFICATE-----');
  const end = pem.indexOf('-----END CERTIFICATE-----', begin);
  if (begin < 0 || end < 0) return new Malformed('the file holds no certificate in PEM');
  return `${pem.slice(begin, end)}-----END CERTIFICATE-----\n`;
}
