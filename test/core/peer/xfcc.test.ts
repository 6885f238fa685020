import test from 'ava';
import { parseXfcc } from '../../../src/core/peer/xfcc.ts';
import { Malformed } from '../../../src/lib/malformed.ts';
import { certs, ids } from './world.ts';

const { sha256Hex: hash, urlEncodedPem: cert } = certs.client;
const by = 'spiffe://cluster.local/ns/orders/sa/orders';
const gatewayOwn = `By=${by};Hash=${certs.gateway.sha256Hex};Subject="";URI=${ids.gateway}`;

/** Each header with its elements, less their raw text, which the next test looks at. */
const read: readonly [what: string, header: string, ...elements: Record<string, unknown>[]][] = [
  [
    'Envoy 1.40, SPIRE subject',
    `By=spiffe://x;Hash=${hash};Subject="O=SPIRE,C=US";URI=spiffe://y`,
    { by: ['spiffe://x'], hash, uris: ['spiffe://y'] },
  ],
  [
    'Envoy 1.40, no subject',
    `Hash=${hash};Subject="";URI=${ids.client}`,
    { by: [], hash, uris: [ids.client] },
  ],
  ['Istio sidecar', gatewayOwn, { by: [by], hash: certs.gateway.sha256Hex, uris: [ids.gateway] }],
  [
    'Istio gateway',
    `By=${by};Hash=${hash};Cert="${cert}";Subject="CN=a";URI=;DNS=a.example;DNS=b.example`,
    { by: [by], hash, cert, uris: [''] },
  ],
  ['waypoint', `By=${by};URI=${ids.client}`, { by: [by], uris: [ids.client] }],
  ['waypoint without a client', `By=${by};URI=`, { by: [by], uris: [''] }],
  ['a chain', `Hash=${hash};Chain="${cert}${cert}"`, { by: [], hash, uris: [], chain: `${cert}${cert}` }],
  ['several By and URI', 'By=a;By=b;URI=c;URI=d', { by: ['a', 'b'], uris: ['c', 'd'] }],
  [
    'keys in any case',
    `bY=a;HASH=${hash};uRi=b;cert="c";ChAiN=d;subject="";dns=e`,
    { by: ['a'], hash, uris: ['b'], cert: 'c', chain: 'd' },
  ],
  ['Subject alone', 'Subject="CN=a"', { by: [], uris: [] }],
  ['DNS alone', 'DNS=a', { by: [], uris: [] }],
  ['= within a bare value', 'URI=spiffe://a=b=c', { by: [], uris: ['spiffe://a=b=c'] }],
  ['separators within quotes', 'URI="a,b;c=d"', { by: [], uris: ['a,b;c=d'] }],
  ['escaped quotes', 'URI="a\\"b\\"";Hash=1', { by: [], hash: '1', uris: ['a"b"'] }],
  ['an escaped backslash', 'URI="a\\\\";Hash=1', { by: [], hash: '1', uris: ['a\\'] }],
  ['an escaped backslash and quote', 'URI="a\\\\\\"b"', { by: [], uris: ['a\\"b'] }],
  ['a backslash before another sign', 'URI="a\\,b\\c"', { by: [], uris: ['a\\,b\\c'] }],
  ['a backslash without quotes', 'URI=a\\;Hash=1', { by: [], hash: '1', uris: ['a\\'] }],
  [
    'Subject with what RFC 2253 escapes',
    `Subject="CN=\\"a\\",O=x\\\\,C=a\\,b";URI=b`,
    { by: [], uris: ['b'] },
  ],
  ['empty quotes', 'URI="";Cert=""', { by: [], uris: [''], cert: '' }],
  ['empty values', 'By=;Hash=;URI=', { by: [''], hash: '', uris: [''] }],
  [
    'two elements',
    `${gatewayOwn},By=a;URI=b`,
    { by: [by], hash: certs.gateway.sha256Hex, uris: [ids.gateway] },
    { by: ['a'], uris: ['b'] },
  ],
  [
    'a space behind the comma',
    'URI=a, URI=b,   URI=c',
    { by: [], uris: ['a'] },
    { by: [], uris: ['b'] },
    { by: [], uris: ['c'] },
  ],
  [
    'a space before the comma, which belongs to the value',
    'URI=a ,URI=b',
    { by: [], uris: ['a '] },
    { by: [], uris: ['b'] },
  ],
];
for (const [what, header, ...elements] of read)
  test(`XFCC – reads ${what}`, (t) => {
    const found = parseXfcc(header);
    if (found instanceof Malformed) return t.fail(found.why);
    t.deepEqual(
      found.map(({ raw, ...element }) => element as unknown),
      elements,
    );
  });

test('XFCC – each element keeps its own text, to be passed on unchanged (xfcc.ts)', (t) => {
  const texts = ['By=a;Subject="x,y;z=\\"";URI=b', 'HASH=1;uri="c,d"', 'URI='];
  const found = parseXfcc(`${texts[0]}, ${texts[1]},${texts[2]}`);
  t.deepEqual(found instanceof Malformed ? [] : found.map(({ raw }) => raw), texts);
});

const noEquals = 'a pair without =';
const json = 'the JSON form is not supported';
const open = 'a quote that is not closed';
const inside = 'a quote inside a value';
const behind = 'text after a quoted value';
const refused: readonly [what: string, header: string, why: string][] = [
  ['nothing', '', noEquals],
  ['spaces', '   ', noEquals],
  ['a word', 'garbage', noEquals],
  ['a key without a value', `Hash;URI=a`, 'the unknown key "hash;uri"'],
  ['a comma at the end', 'URI=a,', noEquals],
  ['a comma at the start', ',URI=a', 'the unknown key ",uri"'],
  ['two commas', 'URI=a,,URI=b', 'the unknown key ",uri"'],
  ['a semicolon at the end', 'URI=a;', noEquals],
  ['two semicolons', 'URI=a;;By=b', 'the unknown key ";by"'],
  ['a semicolon before the comma', 'URI=a;,URI=b', 'the unknown key ",uri"'],
  ['a space behind the semicolon', 'By=a; URI=b', 'the unknown key " uri"'],
  ['a tab behind the comma', 'URI=a,\tURI=b', 'a control character, or one that is not ASCII'],
  ['a line end behind the comma', 'URI=a,\r\nURI=b', 'a control character, or one that is not ASCII'],
  ['a space before =', 'URI =a', 'the unknown key "uri "'],
  ['an empty key', '=a', 'the unknown key ""'],
  ['an unknown key', `Hash=${hash};Role=admin`, 'the unknown key "role"'],
  ['an unknown key, cut in the log', `${'x'.repeat(100)}=a`, `the unknown key "${'x'.repeat(20)}"`],
  ['a key called __proto__', '__proto__=a', 'the unknown key "__proto__"'],
  ['a key called constructor', 'constructor=a', 'the unknown key "constructor"'],
  ['Hash twice', `Hash=${hash};Hash=${hash}`, 'hash appears twice in an element'],
  ['Hash twice, in two cases', `Hash=${hash};URI=a;hASH=${hash}`, 'hash appears twice in an element'],
  ['Cert twice', 'Cert="a";Cert="a"', 'cert appears twice in an element'],
  ['Chain twice', 'Chain="a";Chain="a"', 'chain appears twice in an element'],
  ['Subject twice', 'Subject="";Subject=""', 'subject appears twice in an element'],
  ['a quote that is not closed', 'URI="a', open],
  ['a quote that is not closed, but escaped', 'URI="a\\"', open],
  ['a quote as the whole value', 'URI="', open],
  ['a quote closed by a comma', 'Subject="a,URI=b', open],
  ['a quote inside a value', 'URI=a"b', inside],
  ['a quote at the end of a value', 'URI=a"', inside],
  ['text behind quotes', 'URI="a"b', behind],
  ['a space behind quotes', 'URI="a" ;By=b', behind],
  ['quotes behind quotes', 'Subject="a""b"', behind],
  ['JSON, a list (Envoy 1.38)', `[{"by":"a","hash":"${hash}","uri":"b"}]`, json],
  ['JSON, an object (Envoy 1.38)', `{"hash":"${hash}","uri":["b"]}`, json],
  ['JSON behind spaces', ` \t[{"uri":"b"}]`, json],
  ['JSON, appended to text', `URI=a,{"hash":"${hash}","uri":["b=c"]}`, inside],
  ['65,537 characters', `URI=${'a'.repeat(65_533)}`, 'longer than 65536 characters'],
  ['1 MB', `URI=${'a,URI='.repeat(170_000)}`, 'longer than 65536 characters'],
  ['33 elements', Array(33).fill('URI=a').join(','), 'more than 32 elements'],
  ['65 pairs in an element', Array(65).fill('URI=a').join(';'), 'more than 64 pairs in an element'],
];
for (const [what, header, why] of refused)
  test(`XFCC – refuses ${what} (attacks 8)`, (t) => {
    const found = parseXfcc(header);
    t.deepEqual(found, new Malformed(why));
  });

for (const [what, header, elements] of [
  ['65,536 characters', `URI=${'a'.repeat(65_532)}`, 1],
  ['32 elements', Array(32).fill('URI=a').join(','), 32],
  ['64 pairs in an element', Array(64).fill('URI=a').join(';'), 1],
] as const)
  test(`XFCC – ${what} are not too many (xfcc.ts)`, (t) => {
    const found = parseXfcc(header);
    t.is(found instanceof Malformed ? found.why : found.length, elements);
  });
