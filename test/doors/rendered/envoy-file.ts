import { parse } from 'yaml';
import { published } from '../../proxies/orders.ts';
import type { RenderedListener } from '../../support/envoy-options.ts';
import { listener, type Sides } from './parts.ts';

/** The published file, with the certificates and the addresses of the test. */
export function envoyFile(name: string, { tls, ...ports }: Sides): RenderedListener {
  const { listeners, clusters } = parse(published('envoy.yaml')).static_resources;
  const [{ filter_chains: chains }] = listeners;
  const portOf: Readonly<Record<string, number>> = { orders: ports.appPort, peerproof: ports.grpcPort };
  return {
    kind: 'rendered',
    name,
    render: (port) => [listener(name, port, tls, chains[0].filters)],
    // biome-ignore lint/suspicious/noExplicitAny: what is in the published file is not ours to type
    clusters: clusters.map((one: { name: string; load_assignment: any }) => {
      const [{ lb_endpoints: endpoints }] = one.load_assignment.endpoints;
      endpoints[0].endpoint.address.socket_address = { address: '127.0.0.1', port_value: portOf[one.name] };
      return one;
    }),
  };
}
