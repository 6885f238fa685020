import { parse } from 'yaml';
import { createCheckWorld } from '../support/check-world.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { createWorkloads } from '../support/workload-fixture.ts';

/** One configuration in which nearly every refusal can be brought about, as people write one. */
export const corp = createSigner('ES256');
export const rs512 = createSigner('RS512');
export const cluster = createSigner('ES256');
export const workloads = await createWorkloads();

const jwks = (...keys: readonly { readonly publicJwk: object }[]) =>
  JSON.stringify({ keys: keys.map(({ publicJwk }) => publicJwk) });

export const text = `# The shop.
issuers:
  login:
    issuer: https://login.example.com
    audiences: [orders]  # nothing else
    algorithms: [ES256]
    jwks: ${jwks(corp, rs512)}
  partner:
    issuer: https://partner.example.net
    audiences: [orders]
    jwks: ${jwks(corp)}
  strict:
    issuer: https://strict.example.com
    audiences: [orders]
    accept: at+jwt
    jwks: ${jwks(corp)}
  cluster:
    issuer: https://kubernetes.example.com
    audiences: [orders]
    accept: service-account
    jwks: ${jwks(cluster)}

peers:
  from: [attribute]
  trustDomains: {cluster.local: {}}

clients:
  shop: [spiffe://cluster.local/ns/applications/sa/shop]
  batch: [spiffe://cluster.local/ns/applications/sa/shop]

limits: {tokenLength: 4096}

rules:
  - {name: health, match: {paths: [/healthz]}, public: true}
  - name: read
    match:
      hosts: [orders.example.com]
      methods: [GET]
      paths: ["/orders/**"]
    require:
      issuers: [login]
      scopes: [orders.read]
  # Writing takes more.
  - name: write
    match: {hosts: [orders.example.com], methods: [POST], paths: ["/orders/**"]}
    require: {scopes: [orders.read, orders.write]}
  - name: team
    match: {paths: ["/team/**"]}
    require:
      peers:
        - spiffe://cluster.local/ns/applications/sa/shop
      binding: [none]
  - {name: tenant, match: {paths: ["/tenant/**"]}, require: {claims: {tenant: blue}}}
  - {name: account, match: {paths: ["/account/**"]}, require: {issuers: [cluster], serviceAccounts: [applications/shop]}}
  - {name: people, match: {paths: ["/people/**"]}, require: {emails: [ann@example.com]}}
  - name: acting
    match: {paths: ["/acting/**"]}
    require:
      actors:
        allow:
          - {who: [shop], for: [alice]}
  - {name: office, match: {paths: ["/office/**"]}, require: {when: "claims.floor == 'third'"}}
  - {name: bearer, match: {paths: ["/bearer/**"]}, require: {binding: [none]}}
  - {name: bound, match: {paths: ["/bound/**"]}, require: {binding: [certificate]}}
  - {name: keyed, match: {paths: ["/keyed/**"]}, require: {binding: [dpop]}}
  - {name: strict, match: {paths: ["/strict/**"]}, require: {issuers: [strict]}}
  - name: token
    match: {methods: [POST], paths: [/token]}
    require: {credential: client-assertion}
  - name: certificate-token
    match: {methods: [POST], paths: [/certificate-token]}
    require: {credential: client-certificate}
`;

export const world = await createCheckWorld(parse(text));
