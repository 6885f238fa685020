import { frameOf } from '../frame.ts';
import type { Check } from '../load/connection.ts';
import { type Credential, domain, type Peer } from './material.ts';

/** What a check is about. */
export interface Subject {
  readonly credential: Credential;
  /** The workload that sends it: not always the one that the token was issued to. */
  readonly sender: Peer;
  readonly index: number;
  /** Which rule it is for. */
  readonly rule: number;
}

const own = `${domain}/ns/applications/sa/orders`;

/** As a sidecar of Istio sends it, with `include_peer_certificate` and with XFCC. */
export function overGrpc(subject: Subject): Buffer {
  const { sender, index } = subject;
  const { path, host, ...rest } = headersOf(subject);
  const headers = { ':authority': host, ':method': 'POST', ':path': path, ':scheme': 'https', ...rest };
  return frameOf({
    attributes: {
      source: {
        address: { socketAddress: { address: '10.42.3.17', portValue: 40_000 + (index % 20_000) } },
        principal: sender.name,
        certificate: sender.certificate.urlEncodedPem,
      },
      destination: {
        address: { socketAddress: { address: '10.42.1.9', portValue: 8080 } },
        principal: own,
      },
      request: {
        time: { seconds: Math.floor(Date.now() / 1000), nanos: 123_456_000 },
        http: {
          id: String(7_000_000_000 + index),
          method: 'POST',
          headers,
          path,
          host,
          scheme: 'https',
          size: 148,
          protocol: 'HTTP/1.1',
        },
      },
      metadataContext: {},
      tlsSession: { sni: 'outbound_.8080_._.orders.applications.svc.cluster.local' },
    },
  });
}

/** As Envoy's ext_authz asks over HTTP: the head of the request, and no content. */
export function overHttp(subject: Subject): Buffer {
  const { path, host, ...headers } = headersOf(subject);
  const lines = Object.entries({
    ...headers,
    'content-length': '0',
    'x-envoy-expected-rq-timeout-ms': '9000',
  });
  const fields = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return Buffer.from(`POST ${path} HTTP/1.1\r\nhost: ${host}\r\n${fields}\r\n`, 'latin1');
}

/** Only an answer that lets in names the subject. */
export function checkOf(subject: Subject, wire: 'grpc' | 'http', letsIn: boolean): Check {
  return {
    bytes: wire === 'grpc' ? overGrpc(subject) : overHttp(subject),
    names: letsIn ? Buffer.from(subject.credential.subject) : undefined,
  };
}

function headersOf({ credential, sender, index, rule }: Subject) {
  const hex = index.toString(16);
  const { sha256Hex } = sender.certificate;
  // A proxy has chosen one trace of a hundred.
  const sampled = index % 100 === 0 ? '01' : '00';
  return {
    path: `/orders/${index}/items?expand=price`,
    host: `orders-${rule}.applications.svc.cluster.local`,
    accept: 'application/json',
    'accept-encoding': 'gzip, deflate',
    authorization: `Bearer ${credential.token}`,
    'content-length': '148',
    'content-type': 'application/json',
    traceparent: `00-4bf92f3577b34da6a3ce929d${hex.padStart(8, '0')}-00f067aa0ba902b7-${sampled}`,
    'user-agent': 'storefront/2.11 (linux; x64)',
    'x-forwarded-client-cert': `By=${own};Hash=${sha256Hex};Subject="";URI=${sender.name}`,
    'x-forwarded-proto': 'https',
    'x-request-id': `6f1a5c0e-6a0c-4b1d-9d58-${hex.padStart(12, '0')}`,
  };
}
