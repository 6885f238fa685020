import test from 'ava';
import { runText } from './world.ts';

const config = `
issuers:
  spire: {issuer: "https://spire.example", audiences: ["https://as.example"], accept: jwt-svid, trustDomain: cluster.local}
peers: {trustDomains: {cluster.local: {}}}
clients:
  shop: ["spiffe://cluster.local/ns/web/sa/shop"]
  first: ["spiffe://cluster.local/ns/web/sa/both"]
  second: ["spiffe://cluster.local/ns/web/sa/both"]
rules:
  - {name: certificate, match: {hosts: [mtls.example]}, require: {credential: client-certificate}}
  - {name: assertion, match: {hosts: [as.example]}, require: {credential: client-assertion, authorizationServer: "https://as.example"}}
`;
const tests = `
callers:
  shop: {peer: spiffe://cluster.local/ns/web/sa/shop, client: shop}
  silent: {peer: spiffe://cluster.local/ns/web/sa/shop, client: ""}
  both: {peer: spiffe://cluster.local/ns/web/sa/both, client: ""}
  stranger: {peer: spiffe://cluster.local/ns/web/sa/stranger, client: shop}
  svid: {peer: spiffe://cluster.local/ns/web/sa/shop, token: {assertion: jwt-spiffe, claims: {sub: spiffe://cluster.local/ns/web/sa/shop}}}
  wide: {peer: spiffe://cluster.local/ns/web/sa/shop, token: {assertion: jwt-spiffe, claims: {sub: spiffe://cluster.local/ns/web/sa/shop, aud: ["https://as.example", x]}}}
tests:
  - {name: by certificate, request: POST mtls.example/token, from: [shop, silent], expect: {effect: allow, rule: certificate, headers: {x-auth-request-client-id: shop}}}
  - {name: two clients, request: POST mtls.example/token, from: both, expect: {effect: deny, reason: client_ambiguous}}
  - {name: a stranger, request: POST mtls.example/token, from: stranger, expect: {effect: deny, reason: client_not_registered}}
  - {name: by assertion, request: POST as.example/token, from: svid, expect: allow}
  - {name: for two servers, request: POST as.example/token, from: wide, expect: {effect: deny, reason: token_audience_mismatch}}
`;

test('policy tests – a token request without a token, and one with a jwt-spiffe assertion', async (t) => {
  const { output, exitCode, problems } = await runText(t, tests, { config });
  t.deepEqual(problems, []);
  t.is(exitCode, 0, output);
});

test('policy tests – of a rule without tokens no change is tried that concerns tokens', async (t) => {
  const { output } = await runText(t, tests, { config, coverage: true, mutate: true });
  t.notRegex(output, /certificate: the (?:binding|token) could/, output);
  t.regex(output, /a registered client/);
});
