import type { ConfigInput } from '../../src/config/schema.ts';
import type { CheckRequest } from '../../src/grpc/check-messages.ts';
import type { CheckClient } from './check-client.ts';
import { createSigner } from './jwt-signer.ts';

/** A token endpoint whose clients send assertions that are good once. */
export interface AssertionWorld {
  readonly config: ConfigInput;
  /** The token request of the shop with a new assertion that has this `jti`. */
  request(jti: string): CheckRequest;
}

const SHOP = 'spiffe://cluster.local/ns/applications/sa/shop';
const ISSUER = 'https://spire.example.com';
const AUDIENCE = 'https://as.example.com';

/** @param more beside the issuer and the rule */
export function createAssertionWorld(more: Partial<ConfigInput> = {}): AssertionWorld {
  const signer = createSigner('ES256');
  return {
    config: {
      issuers: {
        spire: {
          ...{ issuer: ISSUER, audiences: [AUDIENCE], accept: 'jwt-svid', singleUse: true },
          jwks: { keys: [signer.publicJwk] },
          trustDomain: 'cluster.local',
        },
      },
      peers: { trustDomains: { 'cluster.local': {} } },
      clients: { shop: [SHOP] },
      rules: [
        { name: 'health', match: { paths: ['/healthz'] }, public: true },
        { name: 'token-endpoint', match: { paths: ['/token'] }, require: { credential: 'client-assertion' } },
      ],
      ...more,
    },
    request(jti) {
      const now = Math.floor(Date.now() / 1_000);
      const form = new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: 'shop',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: signer.sign({ iss: ISSUER, sub: SHOP, aud: AUDIENCE, jti, exp: now + 60 }),
      });
      return {
        attributes: {
          source: { principal: SHOP },
          request: {
            http: {
              ...{ method: 'POST', host: 'as.example.com', path: '/token', body: form.toString() },
              headers: { 'content-type': 'application/x-www-form-urlencoded' },
            },
          },
        },
      };
    },
  };
}

/** The reason of an answer, as the log calls it. Works with every style of refusals. */
export async function reasonOf(client: CheckClient, request: CheckRequest): Promise<string> {
  const answer = await client.check(request);
  return answer.status.message;
}
