import { createCheckWorld } from './check-world.ts';
import { createSigner } from './jwt-signer.ts';
import { inlineIssuer, OTHER_ISSUER } from './token-fixture.ts';
import { createWorkloads, GATEWAY, SHOP, TRUST_DOMAIN } from './workload-fixture.ts';

/** One configuration with a rule of each kind, two issuers, a gateway and a registered client. */
export const corp = createSigner('RS256');
export const partner = createSigner('ES256');
export const { shop, shopRotated, till, gateway, foreign, nameless } = await createWorkloads();

export const world = await createCheckWorld({
  issuers: {
    corp: inlineIssuer([corp]),
    partner: inlineIssuer([partner], { issuer: OTHER_ISSUER, audiences: ['partners'], accept: 'at+jwt' }),
  },
  peers: {
    from: ['attribute', 'xfcc', 'principal', 'x-client-certificate'],
    trustDomains: { [TRUST_DOMAIN]: {} },
    gateways: [GATEWAY],
  },
  clients: { shop: [SHOP] },
  rules: [
    { name: 'health', match: { paths: ['/healthz'] }, public: true },
    {
      name: 'strict',
      match: {
        hosts: ['orders.*.com'],
        methods: ['POST'],
        paths: ['/strict/**'],
        context: { policy: 'orders' },
      },
      require: {
        issuers: ['corp'],
        scopes: ['orders.write'],
        claims: { tenant: 'blue' },
        peers: [`spiffe://${TRUST_DOMAIN}/ns/applications/sa/*`],
        binding: ['certificate', 'workload'],
      },
    },
    { name: 'bearer', match: { paths: ['/bearer'] }, require: { binding: ['none'] } },
    {
      name: 'optional',
      match: { paths: ['/optional'] },
      require: { token: 'optional', issuers: ['corp'], peers: [SHOP] },
    },
    { name: 'token', match: { paths: ['/token'] }, require: { credential: 'client-certificate' } },
    { name: 'observed', mode: 'observe', match: { paths: ['/observed'] } },
    { name: 'default', match: { paths: ['/orders/**'] } },
    { name: 'database', match: { protocol: 'tcp', ports: [5432] }, require: { peers: [SHOP] } },
    { name: 'echo', match: { protocol: 'tcp', ports: [7] }, public: true },
  ],
});
