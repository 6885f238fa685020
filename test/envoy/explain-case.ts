import type { Answer } from '../support/client.ts';
import type { Claims } from '../support/jwt-signer.ts';
import type { Mesh, Send } from '../support/mesh.ts';
import type { ExplainMesh } from './explain-world.ts';

/** A request through Envoy that ends with a reason, and what the explanation of its line must say. */
export interface EnvoyCase {
  readonly ask: (mesh: ExplainMesh) => Promise<Answer>;
  /** In the report on the line. */
  readonly words: RegExp;
  /** In the lines that the proposed change adds; absent: nothing is proposed. */
  readonly change?: RegExp;
}

/** The listener that shows the certificate of the client. */
export const usual = 'grpc-certificate';

/** A request to a listener. */
export const sends = (
  parts: (mesh: Mesh) => Send | Promise<Send>,
  words: RegExp,
  change?: RegExp,
  listener = usual,
): EnvoyCase => ({
  ask: async (mesh) => mesh.send(listener, await parts(mesh)),
  words,
  ...(change && { change }),
});

/** The client reads an order with a token of its own, but for these claims and these parts. */
export const read = (claims: Claims, words: RegExp, change?: RegExp, more: Send = {}): EnvoyCase =>
  sends(
    (mesh) => ({
      ...{ who: 'client', path: '/orders/7', token: mesh.mint({ scope: 'orders.read', ...claims }) },
      ...more,
    }),
    words,
    change,
  );

/** The same at another rule. */
export const at = (path: string, claims: Claims, words: RegExp, change?: RegExp): EnvoyCase =>
  read(claims, words, change, { path });
