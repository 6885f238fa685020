import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import type { RenderedListener } from '../../support/envoy-options.ts';
import { clusters, HCM, listener, type Sides } from './parts.ts';

/** What Envoy Gateway renders of `gateway-api/envoy-gateway.yaml`, with its routes in place of its own API. */
export function envoyGateway(name: string, sides: Sides): RenderedListener {
  const url = new URL('../../fixtures/envoy-gateway/gateway.yaml', import.meta.url);
  const [manager, routes] = parseAllDocuments(readFileSync(url, 'utf8')).map((document) => document.toJS());
  const { '@type': _, ...routeConfig } = routes;
  const { rds: __, ...typed_config } = { ...manager, routeConfig };
  const [authorizer] = manager.httpFilters;
  const [route] = routes.virtualHosts[0].routes;
  return {
    kind: 'rendered',
    name,
    render: (port) => [listener(name, port, sides.tls, [{ name: HCM, typed_config }])],
    clusters: clusters(sides, route.route, authorizer.typedConfig.grpcService.envoyGrpc.clusterName),
  };
}
