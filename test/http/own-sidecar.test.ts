import test from 'ava';
import { evidenceOfCheck } from '../../src/http/check-request.ts';
import type { OwnIdentity } from '../../src/http/own-sidecar.ts';
import { checkOf } from './check-cases.ts';

/** `http.xfcc: direct`, where an element that our own sidecar appended would make the asking proxy the client. */

const OWN = 'spiffe://cluster.local/ns/peerproof/sa/peerproof';
const ASKING = 'spiffe://cluster.local/ns/applications/sa/orders';
const CLIENT = 'spiffe://cluster.local/ns/applications/sa/client';
const element = (by: string, uri: string) => `By=${by};Hash=${'0'.repeat(64)};URI=${uri}`;
const client = element(ASKING, CLIENT);
const own = element(OWN, ASKING);

const byId: OwnIdentity = { ids: [OWN], workload: undefined };
const byPod: OwnIdentity = { ids: [], workload: '/ns/peerproof/sa/peerproof' };
const nobody: OwnIdentity = { ids: [], workload: undefined };

/** The reason of the refusal, or the header that the peer is read from. */
function direct(header: string, self: OwnIdentity, remoteAddress = '10.0.0.7') {
  const check = checkOf({ headers: { 'x-forwarded-client-cert': header }, remoteAddress });
  const { request, flaw } = evidenceOfCheck(check, '', 'direct', self);
  return flaw ? flaw.reason : request?.headers['x-forwarded-client-cert'];
}

for (const [name, self] of Object.entries({ byId, byPod })) {
  test(`own sidecar – an element by us at the end is refused, alone and behind others (${name})`, (t) => {
    for (const header of [own, `${client},${own}`, `${client}, ${own}`, `${own},${own}`])
      t.is(direct(header, self), 'peer_own_sidecar', header);
  });

  test(`own sidecar – one By with our name among several is enough (${name})`, (t) => {
    t.is(direct(`${client},By=${ASKING};${own}`, self), 'peer_own_sidecar');
    t.is(direct(`${client},By=${OWN};${element(ASKING, CLIENT)}`, self), 'peer_own_sidecar');
  });

  test(`own sidecar – quotes and the case of the key do not hide it (${name})`, (t) => {
    t.is(direct(`${client},bY="${OWN}";URI=${ASKING}`, self), 'peer_own_sidecar');
  });

  test(`own sidecar – our name in another place does not refuse the check (${name})`, (t) => {
    for (const header of [
      `${own},${client}`,
      element(ASKING, OWN),
      `By=${ASKING};Subject="By=${OWN}";URI=${CLIENT}`,
      element(`${OWN}x`, ASKING),
      element(`x${OWN}`, ASKING),
      element(`spiffe://cluster.local/x/ns/peerproof/sa/peerproof`, ASKING),
      element(`${OWN}/more`, ASKING),
      element('/ns/peerproof/sa/peerproof', ASKING),
    ])
      t.is(direct(header, self), header);
  });
}

test('own sidecar – the pod is ours in whichever trust domain, an ID in its own alone', (t) => {
  const elsewhere = element('spiffe://mesh.example/ns/peerproof/sa/peerproof', ASKING);
  t.is(direct(elsewhere, byPod), 'peer_own_sidecar');
  t.is(direct(elsewhere, byId), elsewhere);
});

for (const address of ['127.0.0.6', '::ffff:127.0.0.6', '::6'])
  test(`own sidecar – what comes from ${address} comes from a sidecar of Istio, even if our name is unknown`, (t) => {
    for (const self of [nobody, byId, byPod])
      for (const header of [own, client, `${client},${client}`])
        t.is(direct(header, self, address), 'peer_own_sidecar');
  });

test('own sidecar – without our name, and from another address, the check is accepted', (t) => {
  for (const address of ['127.0.0.1', '127.0.0.60', '10.127.0.6', '::1', '::60', ''])
    t.is(direct(`${client},${own}`, nobody, address), `${client},${own}`);
});

test('own sidecar – a header that cannot be read is left for the reader of peers, which refuses it', (t) => {
  for (const header of [`${own},`, `rubbish ${OWN}`, `By="${OWN}`, `[{"By":"${OWN}"}]`])
    t.is(direct(header, byId), header);
});

test('own sidecar – the detail names the setting that is right', (t) => {
  const check = checkOf({ headers: { 'x-forwarded-client-cert': `${client},${own}` } });
  t.regex(evidenceOfCheck(check, '', 'direct', byId).flaw?.detail ?? '', new RegExp(`sidecar: "${OWN}"`));
});
