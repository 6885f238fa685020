import { findOpenPorts, type Ports } from '../config/open-ports.ts';
import type { Found, Subject } from './finding.ts';

/** Ports that answer every client that can reach them. */
export function findOpen({ config }: { readonly config: Ports }): readonly Found[] {
  return findOpenPorts(config).map(({ name, message }) => ({ path: ['listen', name], message }));
}

const everywhere = new Set(['0.0.0.0', '::']);

/** Two listeners with one port. The second one cannot listen. Port 0 is a free port, so it is never shared. */
export function findSamePorts({ config }: Subject): readonly Found[] {
  const addresses = Object.entries(config.listen).flatMap(([name, address]) =>
    address ? [{ name, ...address }] : [],
  );
  return addresses.flatMap(({ name, host, port }, at): Found[] => {
    const other = addresses
      .slice(0, at)
      .find(
        (one) =>
          port !== 0 &&
          one.port === port &&
          (one.host === host || everywhere.has(one.host) || everywhere.has(host)),
      );
    return other
      ? [
          {
            path: ['listen', name],
            message: `has the port ${port} of listen.${other.name}: choose another one`,
          },
        ]
      : [];
  });
}
