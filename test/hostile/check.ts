import type { CheckRequest } from '../../src/grpc/check-messages.ts';
import type { Input } from './case.ts';
import { type Fixture, ORDERS, type Sender } from './fixture.ts';

/**
 * How the asking proxy is set up. `certificate`: `include_peer_certificate`, headers as a map. `hash`: Istio's default,
 * XFCC with Hash and URI alone, and headers as raw bytes (`encode_raw_headers`).
 */
export type View = 'certificate' | 'hash';

/** The views in which an attack looks different. */
export function viewsOf({ hash }: { readonly hash?: unknown }): readonly View[] {
  return hash === null ? ['certificate'] : ['certificate', 'hash'];
}

/** The check that Envoy would send about an attack. */
export function checkRequestOf(input: Input, view: View, fixture: Fixture): CheckRequest {
  const { connection, context, says, sender, behindGateway } = input;
  const direct = behindGateway ? fixture.senders.gateway : sender;
  const principal = says ? says.principal : direct && principalOf(direct);
  const certificate = says ? says.certificate : view === 'certificate' ? direct?.urlEncodedPem : undefined;
  const source = { ...(principal && { principal }), ...(certificate && { certificate }) };
  if (connection)
    return {
      attributes: {
        source,
        destination: {
          principal: connection.destination ?? ORDERS,
          address: { socketAddress: { address: '127.0.0.1', portValue: connection.port } },
        },
      },
    };
  const lines = linesOf(input, fixture);
  return {
    attributes: {
      source,
      destination: {
        principal: input.destination ?? ORDERS,
        ...(input.port !== undefined && {
          address: { socketAddress: { address: '127.0.0.1', portValue: input.port } },
        }),
      },
      contextExtensions: context ?? {},
      request: {
        http: {
          method: input.method ?? 'GET',
          host: input.host ?? 'orders.example.com',
          path: input.path ?? '/bearer',
          ...(view === 'certificate' ? { headers: joined(lines) } : { headerMap: { headers: raw(lines) } }),
          ...(input.body !== undefined && { body: input.body }),
        },
      },
    },
  };
}

/** The headers of the check: what the client sent, and XFCC as the proxy has written it by then. */
function linesOf(input: Input, fixture: Fixture): [string, string][] {
  const { token, says, sender, behindGateway } = input;
  const isForwarded = ([name]: readonly [string, string]) => name.toLowerCase() === 'x-forwarded-client-cert';
  const sent = input.headers ?? [];
  const lines = [
    ...(token === undefined ? [] : [['authorization', `Bearer ${token}`] as const]),
    ...sent.filter((line) => !isForwarded(line)),
  ].map(([name, value]): [string, string] => [name.toLowerCase(), value]);
  const forwarded = says ? (says.xfcc ? [says.xfcc] : []) : forwardedBy(fixture, sender, behindGateway);
  // A gateway sanitises; a sidecar appends to what the client sent; without mTLS Envoy drops it.
  const kept = behindGateway || says || !sender ? [] : sent.filter(isForwarded).map(([, value]) => value);
  if (forwarded.length > 0) lines.push(['x-forwarded-client-cert', [...kept, ...forwarded].join(',')]);
  return lines;
}

function forwardedBy(
  fixture: Fixture,
  sender: Sender | undefined,
  behindGateway: boolean | undefined,
): string[] {
  if (!behindGateway) return sender ? [element(sender)] : [];
  const client = sender ? [element(sender, `Cert="${sender.urlEncodedPem}";`)] : [];
  return [...client, element(fixture.senders.gateway)];
}

/** An element of `x-forwarded-client-cert` as Istio's proxies write it; SANs are not escaped. */
export function element({ sha256Hex, uris, dns, subject }: Sender, more = ''): string {
  const names = [
    ...(uris.length > 0 ? uris : ['']).map((uri) => `URI=${uri}`),
    ...dns.map((name) => `DNS=${name}`),
  ];
  return `By=${ORDERS};Hash=${sha256Hex};${more}Subject="${subject.replace(/["\\]/g, '\\$&')}";${names.join(';')}`;
}

/** The first URI, else a DNS name, else the subject; a field of the message is UTF-8, whatever the certificate holds. */
function principalOf({ uris, dns, subject }: Sender): string {
  return Buffer.from(uris[0] ?? dns[0] ?? subject, 'latin1').toString('utf8');
}

/** As Envoy's map has them: two of one name are joined. */
function joined(lines: readonly (readonly [string, string])[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of lines)
    headers[name] = Object.hasOwn(headers, name) ? `${headers[name]},${value}` : value;
  return headers;
}

function raw(lines: readonly (readonly [string, string])[]) {
  return lines.map(([key, value]) => ({ key, rawValue: Buffer.from(value, 'latin1') }));
}
