import { basename } from 'node:path';
import { parse } from 'yaml';
import { published } from '../../proxies/orders.ts';
import type { ListenerTls, RenderedListener } from '../../support/envoy-options.ts';
import type { Sides } from './parts.ts';

/** The published file, with the certificates and the addresses of the test. A client certificate is optional, as its top says. */
export function envoyFile(name: string, { tls, ...ports }: Sides): RenderedListener {
  const text = published('envoy.yaml').replace(
    'require_client_certificate: true',
    'require_client_certificate: false',
  );
  const { listeners, clusters } = parse(text, (_, value) => inline(value, tls)).static_resources;
  const [listener] = listeners;
  const portOf: Readonly<Record<string, number>> = { orders: ports.appPort, peerproof: ports.grpcPort };
  return {
    kind: 'rendered',
    name,
    render: (port) => [
      { ...listener, name, address: { socket_address: { address: '127.0.0.1', port_value: port } } },
    ],
    // biome-ignore lint/suspicious/noExplicitAny: what is in the published file is not ours to type
    clusters: clusters.map((one: { name: string; load_assignment: any }) => {
      const [{ lb_endpoints: endpoints }] = one.load_assignment.endpoints;
      endpoints[0].endpoint.address.socket_address = { address: '127.0.0.1', port_value: portOf[one.name] };
      return one;
    }),
  };
}

/** The content of a file that the published one names, in its place. */
function inline(value: unknown, { certPem, keyPem, caPem }: ListenerTls): unknown {
  if (typeof value !== 'object' || value === null || !('filename' in value)) return value;
  const contents: Readonly<Record<string, string>> = {
    'orders.pem': certPem,
    'orders.key': keyPem,
    'clients-ca.pem': caPem,
  };
  return { inline_string: contents[basename(String(value.filename))] ?? '' };
}
