import type { Mutation } from './mutation.ts';

/** Weakenings of how the clients of a token endpoint authenticate. */
export const clients: readonly Mutation[] = [
  {
    name: 'accept a jwt-spiffe assertion that is for another server too',
    file: 'src/core/token/accept-assertion.ts',
    from: 'audiences.length === 1 && audiences[0] === authorizationServer',
    to: "audiences.includes(authorizationServer ?? '')",
  },
  {
    name: 'accept a jwt-spiffe assertion that is for any server of its issuer',
    file: 'src/core/token/accept-assertion.ts',
    from: 'audiences.length === 1 && audiences[0] === authorizationServer',
    to: 'audiences.length === 1',
    also: ['test/workloads/spiffe-client.test.ts'],
  },
  {
    name: 'accept a ServiceAccount token as a jwt-spiffe assertion',
    file: 'src/core/token/accept-assertion.ts',
    from: "if (token.kind !== 'jwt-svid')",
    to: 'if (false as boolean)',
  },
  {
    name: 'accept jwt-spiffe in rules that do not name the authorization server',
    file: 'src/core/token/client-assertion.ts',
    from: "if (assertion === 'jwt-spiffe' && authorizationServer === undefined)",
    to: 'if (false as boolean)',
  },
  {
    name: 'take the first client of a workload that has several',
    file: 'src/core/policy/clients.ts',
    from: 'if (found.length === 1) return client;',
    to: 'return client;',
  },
  {
    name: 'derive a client of another issuer',
    file: 'src/core/policy/clients.ts',
    from: '!isOther(name, id) && isOf(issuer, clients.get(name))',
    to: '!isOther(name, id)',
  },
  {
    name: 'accept a certificate for a client of some issuers only',
    file: 'src/core/policy/clients.ts',
    from: '(issuer !== undefined && issuers.includes(issuer))',
    to: "issuers.includes(issuer ?? issuers[0] ?? '')",
  },
  {
    name: 'accept the SPIFFE ID of another workload as client_id',
    file: 'src/core/policy/clients.ts',
    from: 'if (named !== undefined && isOther(named, id))',
    to: 'if (false as boolean)',
  },
  {
    name: 'let a certificate and an assertion stand beside each other',
    file: 'src/core/token/client-certificate.ts',
    from: "if (form.has('client_assertion') || form.has('client_assertion_type'))",
    to: 'if (false as boolean)',
  },
  {
    name: 'let an attestation of another client stand beside the form',
    file: 'src/core/token/token-request.ts',
    from: "if (headers['oauth-client-attestation'] !== undefined)",
    to: 'if (false as boolean)',
  },
  {
    name: 'use a body over HTTP of which nobody says that it is complete',
    file: 'src/http/body.ts',
    from: "if (body !== '' && request.headers['x-envoy-auth-partial-body'] === undefined)",
    to: 'if (false as boolean)',
    also: ['test/http/body.test.ts'],
  },
  {
    name: 'take what has arrived of a body for all of it',
    file: 'src/http/transport/arriving-body.ts',
    from: "stream.once('close', () => finish(gone));",
    to: "stream.once('close', () => finish(text()));",
    also: ['test/http/server-read-bodies.test.ts'],
  },
  {
    name: 'read a body over HTTP without a limit',
    file: 'src/http/transport/arriving-body.ts',
    from: 'pieces.add(chunk.subarray(0, bodyBytes + 1 - pieces.size));',
    to: 'pieces.add(chunk);',
    and: {
      file: 'src/http/transport/arriving-body.ts',
      from: 'if (pieces.size > bodyBytes) finish(text());',
      to: 'if (false as boolean) finish(text());',
    },
    also: ['test/http/server-read-bodies.test.ts'],
  },
  {
    name: 'wait for a body over HTTP for ever',
    file: 'src/http/transport/arriving-body.ts',
    from: '  intake.begin(body, headers);\n',
    to: '',
    also: ['test/http/server-read-bodies.test.ts'],
  },
];
