import test from 'ava';
import { evidenceOfCheck, type ForwardedPeers } from '../../src/http/check-request.ts';
import { checkOf } from './check-cases.ts';

/** How `x-forwarded-client-cert` reaches the HTTP door: not at all, as the asking proxy wrote it, or one element longer. */

const OWN = 'spiffe://cluster.local/ns/peerproof/sa/peerproof';
const ASKING = 'spiffe://cluster.local/ns/applications/sa/orders';
const CLIENT = 'spiffe://cluster.local/ns/applications/sa/client';
const hash = '0'.repeat(64);
const sidecar: ForwardedPeers = { sidecar: OWN };

/** As the asking proxy writes it about its own peer. */
const client = `By=${ASKING};Hash=${hash};Subject="CN=a,O=\\"b\\";x";URI=${CLIENT}`;
/** As our own sidecar appends it about the asking proxy. */
const own = `By=${OWN};Hash=${hash};Subject="";URI=${ASKING}`;

function forwarded(header: string | undefined, xfcc: ForwardedPeers) {
  const headers = header === undefined ? {} : { 'x-forwarded-client-cert': header };
  const { request, flaw } = evidenceOfCheck(checkOf({ headers }), '', xfcc);
  return flaw ? flaw.reason : request?.headers['x-forwarded-client-cert'];
}

test('xfcc none – the header is not there, whatever it holds', (t) => {
  for (const header of [undefined, '', client, `${client},${own}`, 'rubbish', '[{"Hash":"x"}]', '"'])
    t.is(forwarded(header, 'none'), undefined);
  const { request } = evidenceOfCheck(
    checkOf({ headers: { 'x-forwarded-client-cert': client } }),
    '',
    'none',
  );
  // Neither for conditions: what is not believed is not shown.
  t.false('x-forwarded-client-cert' in (request?.headers ?? {}));
});

test('xfcc direct – the header is taken as it came; whether it can be read is for the peer to say', (t) => {
  for (const header of [client, `${client},${own}`, 'rubbish', '[{"Hash":"x"}]', `${client},`, '"'])
    t.is(forwarded(header, 'direct'), header);
  for (const header of [undefined, '']) t.is(forwarded(header, 'direct'), undefined);
});

test('xfcc sidecar – the last element is dropped, those before it stay as they were written', (t) => {
  t.is(forwarded(`${client},${own}`, sidecar), client);
  t.is(forwarded(`${client}, ${own}`, sidecar), client);
  t.is(forwarded(`${client},${client},${own}`, sidecar), `${client},${client}`);
  const gateway = `By=spiffe://cluster.local/ns/istio-system/sa/gateway;Hash=${hash};Cert="-----BEGIN%20"`;
  t.is(forwarded(`${gateway},${client},${own}`, sidecar), `${gateway},${client}`);
});

test('xfcc sidecar – alone it says that the asking proxy had no peer', (t) => {
  t.is(forwarded(own, sidecar), undefined);
  for (const header of [undefined, '']) t.is(forwarded(header, sidecar), undefined);
});

test('xfcc sidecar – only one element is dropped, even if the same sidecar wrote another', (t) => {
  t.is(forwarded(`${own},${own}`, sidecar), own);
});

test('xfcc – the evidence says for the log that the header was dropped, and only then', (t) => {
  const missing = (header: string | undefined, xfcc: ForwardedPeers) => {
    const headers = header === undefined ? {} : { 'x-forwarded-client-cert': header };
    return evidenceOfCheck(checkOf({ headers }), '', xfcc).peer.missing;
  };
  t.is(missing(client, 'none'), 'x-forwarded-client-cert came, and http.xfcc is none');
  t.is(missing(own, sidecar), 'x-forwarded-client-cert held only the element of our own sidecar');
  for (const xfcc of ['none', 'direct', sidecar] as const) t.is(missing(undefined, xfcc), undefined);
  t.is(missing(client, 'direct'), undefined);
  t.is(missing(`${client},${own}`, sidecar), undefined);
});

const ambiguous: Record<string, string> = {
  'the sidecar of somebody else': `${client},By=${ASKING};Hash=${hash};URI=${CLIENT}`,
  'the client element alone, past the sidecar': client,
  'an element without By': `${client},Hash=${hash};URI=${ASKING}`,
  'an empty By': `${client},By=;Hash=${hash};URI=${ASKING}`,
  'two By, the right one first': `${client},By=${OWN};By=${ASKING};Hash=${hash}`,
  'two By, the right one last': `${client},By=${ASKING};By=${OWN};Hash=${hash}`,
  'the right By twice': `${client},By=${OWN};By=${OWN};Hash=${hash}`,
  'By in another case': `${client},By=${OWN.toUpperCase()};Hash=${hash}`,
  'By with a slash at its end': `${client},By=${OWN}/;Hash=${hash}`,
  'By that only begins alike': `${client},By=${OWN}-2;Hash=${hash}`,
  'By that only ends alike': `${client},By=x${OWN};Hash=${hash}`,
  'By with a space before it': `${client},By= ${OWN};Hash=${hash}`,
  'the right By in the element before the last': `${own},${client}`,
  'the right By inside a Subject': `${client},Hash=${hash};Subject="By=${OWN}"`,
  'the right By inside a quoted By': `${client},By="By=${OWN}";Hash=${hash}`,
};
for (const [title, header] of Object.entries(ambiguous))
  test(`xfcc sidecar – refused: ${title}`, (t) => {
    t.is(forwarded(header, sidecar), 'peer_forwarded_ambiguous');
  });

test('xfcc sidecar – keys have no case, and By may be quoted', (t) => {
  t.is(forwarded(`${client},BY=${OWN};hash=${hash}`, sidecar), client);
  t.is(forwarded(`${client},by="${OWN}"`, sidecar), client);
});

const malformed: Record<string, string> = {
  rubbish: 'rubbish',
  'a comma at the end': `${client},${own},`,
  'a comma at the start': `,${own}`,
  'two commas': `${client},,${own}`,
  'an open quote before it': `${client.replace('URI', 'DNS="')},${own}`,
  'a quote inside a value': `By=a"b;Hash=${hash},${own}`,
  'an unknown key': `Foo=1,${own}`,
  'Hash twice': `Hash=${hash};Hash=${hash},${own}`,
  'the JSON form': JSON.stringify([{ By: OWN, Hash: hash }]),
  'the JSON form of one': JSON.stringify({ By: OWN }),
  'too many elements': Array.from({ length: 40 }, () => own).join(','),
  'too long': `${`By=${'x'.repeat(70_000)}`},${own}`,
};
for (const [title, header] of Object.entries(malformed))
  test(`xfcc sidecar – refused as malformed: ${title}`, (t) => {
    t.is(forwarded(header, sidecar), 'peer_forwarded_malformed');
  });

test('xfcc sidecar – an open quote of the client swallows the element of the sidecar, and is refused', (t) => {
  for (const open of ['Subject="', 'DNS="', 'By="', 'Subject="\\', 'URI="x\\"'])
    t.regex(forwarded(`${client};${open},${own}`, sidecar) ?? 'taken', /^peer_forwarded_malformed$/);
});

test('xfcc – a flaw shows in the log what was asked, and no other way to be asked', (t) => {
  const headers = { 'x-forwarded-client-cert': 'rubbish' };
  const { request, flaw, peer } = evidenceOfCheck(checkOf({ headers, target: '/a?b' }), '', sidecar);
  t.truthy(flaw);
  t.like(request, { method: 'GET', host: 'orders.example.com', path: '/a?b' });
  t.deepEqual(peer, {});
});

test('xfcc – headers with similar names are not read as a peer, and are unchanged', (t) => {
  const headers = { x_forwarded_client_cert: client, 'x-forwarded-client-cert2': client };
  for (const xfcc of ['none', 'direct', sidecar] as const) {
    const { request, peer } = evidenceOfCheck(checkOf({ headers }), '', xfcc);
    t.deepEqual({ ...request?.headers }, headers);
    t.deepEqual(peer, {});
  }
});
