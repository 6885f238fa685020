import test from 'ava';
import { kubernetesWorkload, parseSpiffeId } from '../../../src/core/peer/spiffe-id.ts';
import { Malformed } from '../../../src/lib/malformed.ts';
import { spiffe } from './world.ts';

const lower = 'abcdefghijklmnopqrstuvwxyz';
const digits = '0123456789';
const bytes = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte));

/** SPIFFE-ID §2.1 and §2.2, each byte at each place of a name. */
for (const [part, legal, build] of [
  ['trust domain', `${lower}${digits}.-_`, (name: string) => `spiffe://${name}/sa/x`],
  [
    'path segment',
    `${lower}${lower.toUpperCase()}${digits}.-_`,
    (name: string) => `spiffe://td/ns/${name}/sa`,
  ],
] as const)
  test(`SPIFFE ID – a ${part} takes exactly its characters, all 256 bytes (SPIFFE-ID §2)`, (t) => {
    for (const [byte, sign] of bytes.entries()) {
      // A slash ends the name; what is left is another, shorter one.
      if (sign === '/') continue;
      for (const name of [`a${sign}b`, `${sign}b`, `a${sign}`]) {
        const id = parseSpiffeId(build(name));
        const expected = legal.includes(sign);
        t.is(!(id instanceof Malformed), expected, `byte ${byte} in ${JSON.stringify(name)}`);
      }
    }
  });

for (const [uri, trustDomain, segments] of [
  [
    'spiffe://democluster.internal/ns/applications/sa/oauthclient',
    'democluster.internal',
    ['ns', 'applications', 'sa', 'oauthclient'],
  ],
  ['spiffe://example.org', 'example.org', []],
  ['spiffe://e/x', 'e', ['x']],
  ['spiffe://under_score-1.x/A.b_c-D', 'under_score-1.x', ['A.b_c-D']],
  ['spiffe://10.0.0.1/x', '10.0.0.1', ['x']],
  ['spiffe://td/...', 'td', ['...']],
  ['spiffe://td/.hidden/a..b', 'td', ['.hidden', 'a..b']],
  [`spiffe://${'a'.repeat(255)}/x`, 'a'.repeat(255), ['x']],
  [`spiffe://td/${'a'.repeat(2048 - 12)}`, 'td', ['a'.repeat(2048 - 12)]],
] as const)
  test(`SPIFFE ID – reads ${uri.slice(0, 70)} of ${uri.length} bytes (SPIFFE-ID §2)`, (t) => {
    t.deepEqual(parseSpiffeId(uri), { uri, trustDomain, segments });
  });

const scheme = 'does not start with spiffe://';
const domain = 'the trust domain has other characters than a-z 0-9 . - _';
const empty = 'an empty path segment or a trailing slash';
const dots = 'a path segment of dots';
const segment = 'a path segment has other characters than a-z A-Z 0-9 . - _';
for (const [text, why] of [
  ['', scheme],
  ['example.org/x', scheme],
  ['https://example.org/x', scheme],
  ['SPIFFE://example.org/x', scheme],
  ['Spiffe://example.org/x', scheme],
  [' spiffe://example.org/x', scheme],
  ['spiffe:/example.org/x', scheme],
  ['spiffe:example.org/x', scheme],
  ['spiffe://', domain],
  ['spiffe:///x', domain],
  ['spiffe://Example.org/x', domain],
  ['spiffe://example.org:443/x', domain],
  ['spiffe://user@example.org/x', domain],
  ['spiffe://user:secret@example.org/x', domain],
  ['spiffe://example.org?x=y', domain],
  ['spiffe://example.org#x', domain],
  ['spiffe://example%2eorg/x', domain],
  ['spiffe://exämple.org/x', domain],
  ['spiffe://example.org\0/x', domain],
  ['spiffe://[::1]/x', domain],
  ['spiffe://*/x', domain],
  [`spiffe://${'a'.repeat(256)}/x`, domain],
  ['spiffe://example.org\n', domain],
  ['spiffe://example.org/', empty],
  ['spiffe://example.org/x/', empty],
  ['spiffe://example.org//x', empty],
  ['spiffe://example.org/x//y', empty],
  ['spiffe://example.org/.', dots],
  ['spiffe://example.org/..', dots],
  ['spiffe://example.org/x/../y', dots],
  ['spiffe://example.org/x/./y', dots],
  ['spiffe://example.org/%2e%2e/y', segment],
  ['spiffe://example.org/x%2Fy', segment],
  ['spiffe://example.org/x?y', segment],
  ['spiffe://example.org/x#y', segment],
  ['spiffe://example.org/x\0', segment],
  ['spiffe://example.org/x\0.example.com', segment],
  ['spiffe://example.org/x y', segment],
  ['spiffe://example.org/x\n', segment],
  ['spiffe://example.org/x;URI=spiffe:', segment],
  ['spiffe://example.org/x,spiffe:', segment],
  ['spiffe://example.org/é', segment],
  ['spiffe://example.org/\u212a', segment],
  ['spiffe://example.org/*', segment],
  [`spiffe://td/${'a'.repeat(2049 - 12)}`, 'longer than 2048 bytes'],
  [`spiffe://td/${'a'.repeat(1_000_000)}`, 'longer than 2048 bytes'],
] as const)
  test(`SPIFFE ID – refuses ${JSON.stringify(text.slice(0, 60))} of ${text.length} (attacks 9, SPIFFE-ID §2)`, (t) => {
    t.deepEqual(parseSpiffeId(text), new Malformed(why));
  });

test('SPIFFE ID – namespace and ServiceAccount of /ns/<ns>/sa/<sa> (Istio, SPIRE)', (t) => {
  t.deepEqual(kubernetesWorkload(spiffe('spiffe://cluster.local/ns/applications/sa/oauthclient')), {
    namespace: 'applications',
    serviceAccount: 'oauthclient',
  });
  t.deepEqual(kubernetesWorkload(spiffe('spiffe://cluster.local/ns/sa/sa/ns')), {
    namespace: 'sa',
    serviceAccount: 'ns',
  });
});

for (const path of [
  '',
  '/ns/a',
  '/ns/a/sa',
  '/ns/a/sa/b/c',
  '/x/ns/a/sa/b',
  '/NS/a/sa/b',
  '/ns/a/SA/b',
  '/sa/a/ns/b',
  '/ns/a/b/sa',
])
  test(`SPIFFE ID – "${path}" names no ServiceAccount (Istio, SPIRE)`, (t) => {
    t.is(kubernetesWorkload(spiffe(`spiffe://cluster.local${path}`)), undefined);
  });
