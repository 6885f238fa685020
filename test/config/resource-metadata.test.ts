import test from 'ava';
import { parseConfig } from '../../src/config/load.ts';
import { goodConfig, problemsOf } from '../support/config-problems.ts';

const text = (resources: string) => goodConfig({ more: `resourceMetadata: ${resources}` });

test('resourceMetadata – is empty by default, and the host is that of the resource', (t) => {
  t.deepEqual(parseConfig(goodConfig(), 'x').config.resourceMetadata, []);
  const { resourceMetadata } = parseConfig(text('[{resource: "https://mcp.example.com"}]'), 'x').config;
  t.deepEqual(resourceMetadata, [{ resource: 'https://mcp.example.com', document: {} }]);
});

for (const url of ['https://a.example/', 'https://a.example/b/', 'http://127.0.0.1:8080/b', 'https://a:8443'])
  test(`resourceMetadata – ${url} is a resource`, (t) => {
    t.deepEqual(problemsOf(text(`[{resource: "${url}"}]`)), []);
  });

const first = 'resourceMetadata[0].resource';
const wrong: Readonly<Record<string, readonly [resources: string, key: string, message: RegExp]>> = {
  'plain http': ['[{resource: "http://a.example"}]', first, /must be https/],
  'a query': ['[{resource: "https://a.example/?b"}]', first, /without user, query/],
  'a fragment (RFC 9728 §1.2)': ['[{resource: "https://a.example/#b"}]', first, /without user, query/],
  'a password': ['[{resource: "https://a:b@a.example"}]', first, /without user/],
  'another spelling': ['[{resource: "https://A.example"}]', first, /must be written as https:\/\/a\.example/],
  'the usual port': ['[{resource: "https://a.example:443/b"}]', first, /must be written as/],
  'a dot segment': ['[{resource: "https://a.example/b/../c"}]', first, /must be written as/],
  'a path that no rule covers': ['[{resource: "https://a.example/b;c"}]', first, /no rule covers/],
  'two slashes': ['[{resource: "https://a.example/b//c"}]', first, /no rule covers \(an empty segment/],
  'a resource twice': [
    '[{resource: "https://a.example"}, {resource: "https://a.example/"}]',
    'resourceMetadata[1].resource',
    /another entry too/,
  ],
  'no host': ['[{resource: "https://a.example", hosts: []}]', 'resourceMetadata[0].hosts', /at least one/],
  'an unknown member': [
    '[{resource: "https://a.example", document: {scopes: [a]}}]',
    'resourceMetadata[0].document.scopes',
    /scopes/,
  ],
  'a scope with a space': [
    '[{resource: "https://a.example", document: {scopes_supported: ["a b"]}}]',
    'resourceMetadata[0].document.scopes_supported[0]',
    /without spaces/,
  ],
  'too many': [
    `[${Array.from({ length: 65 }, (_, n) => `{resource: "https://a${n}.example"}`)}]`,
    'resourceMetadata',
    /at most 64/,
  ],
};
for (const [name, [resources, key, message]] of Object.entries(wrong))
  test(`resourceMetadata – ${name} is refused`, (t) => {
    const [problem] = problemsOf(text(resources));
    t.is(problem?.key, key);
    t.regex(problem?.message ?? '', message);
  });

test('resourceMetadata – a port for documents without one is refused', (t) => {
  const [problem] = problemsOf(goodConfig({ more: 'listen: {metadata: "127.0.0.1:9004"}' }));
  t.is(problem?.key, 'listen.metadata');
  t.regex(problem?.message ?? '', /nothing to serve/);
});
