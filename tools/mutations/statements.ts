import type { Mutation } from './mutation.ts';

/** Weakenings of statements of others that are believed: headers of a proxy, claims of an issuer. */
export const statements: readonly Mutation[] = [
  {
    name: 'read the element of our own sidecar as one about the client',
    file: 'src/http/own-sidecar.ts',
    from: 'if (!fromSidecar && !by.some((name) => isOwn(name, own))) return undefined;',
    to: 'if (by.length < 99) return undefined;',
    also: ['test/hostile/http.test.ts', 'test/http/own-sidecar.test.ts'],
  },
  {
    name: 'look for our own sidecar in the first element',
    file: 'src/http/own-sidecar.ts',
    from: 'elements.at(-1)?.by',
    to: 'elements.at(0)?.by',
    also: ['test/http/own-sidecar.test.ts'],
  },
  {
    name: 'forget the address that sidecars of Istio connect from',
    file: 'src/http/own-sidecar.ts',
    from: 'sidecarAddresses.has(remoteAddress)',
    to: '(false as boolean) && sidecarAddresses.has(remoteAddress)',
    also: ['test/http/own-sidecar.test.ts'],
  },
  {
    name: 'judge another host than the URL names',
    file: 'src/http/forward-auth.ts',
    from: "if (hostHeader !== undefined && normalHost(said.host ?? '') !== normalHost(host))",
    to: "if ((false as boolean) && normalHost(said.host ?? '') !== normalHost(host))",
    also: ['test/hostile/http.test.ts', 'test/http/forward-auth.test.ts'],
  },
  {
    name: 'believe the Host that the client sent (x-original-url)',
    file: 'src/config/cross-check-door.ts',
    from: "if (original === 'x-original-url' && hostHeader === undefined)",
    to: 'if (false as boolean)',
    also: ['test/config/door.test.ts'],
  },
  {
    name: 'believe an unverified e-mail address',
    file: 'src/core/token/person.ts',
    from: ": [true, 'true'];",
    to: ": [true, 'true', undefined];",
  },
  {
    name: 'let a text with a comma pass for a list of roles',
    file: 'src/core/identity/identity.ts',
    from: ": list(texts(value), ',');",
    to: ": texts(value).join(',');",
    also: ['test/core/identity/settings.test.ts'],
  },
  {
    name: 'write claims into dynamic metadata without encoding',
    file: 'src/core/identity/metadata.ts',
    from: "headerValue([value], '\"')",
    to: '(headerValue([value]) && value)',
    also: ['test/core/identity/metadata.test.ts'],
  },
  {
    name: 'write the actor into dynamic metadata without encoding',
    file: 'src/core/identity/metadata.ts',
    from: 'actor: written(facts.actor)',
    to: 'actor: facts.actor',
    also: ['test/core/identity/metadata.test.ts'],
  },
  {
    name: 'print the text in the place of a flag',
    file: 'src/migrate/shown.ts',
    from: 'name.slice(0, longest)',
    to: 'name.slice(0, longest + 99)',
    also: ['test/migrate/secrets.test.ts'],
  },
];
