import test from 'ava';
import { parseConfig } from '../../src/config/load.ts';
import { findOwnIdentity, unknownToItself } from '../../src/config/own-identity.ts';
import { createCa } from '../support/ca.ts';
import { goodConfig } from '../support/config-problems.ts';

const ID = 'spiffe://cluster.local/ns/peerproof/sa/peerproof';
const { config } = parseConfig(goodConfig({ more: 'listen: {http: "127.0.0.1:0"}' }), 'x');
const tls = { certFile: 'a.pem', keyFile: 'a.key' };

test('own identity – nothing is known by default', (t) => {
  const own = findOwnIdentity(config, new Map(), {});
  t.deepEqual(own, { ids: [], workload: undefined });
  t.true(unknownToItself(own));
});

test('own identity – the setting says it', (t) => {
  const own = findOwnIdentity({ ...config, http: { ...config.http, spiffeId: ID } }, new Map(), {});
  t.deepEqual(own, { ids: [ID], workload: undefined });
  t.false(unknownToItself(own));
});

test('own identity – the certificate of either door says it', async (t) => {
  const ca = await createCa();
  const files = new Map([['a.pem', (await ca.svid(ID)).certPem]]);
  for (const door of ['grpc', 'http'] as const) {
    const own = findOwnIdentity({ ...config, [door]: { ...config[door], tls } }, files, {});
    t.deepEqual(own.ids, [ID]);
  }
});

test('own identity – a certificate without a SPIFFE ID, or no certificate, adds nothing', async (t) => {
  const { certPem } = await (await createCa()).server();
  for (const text of [certPem, 'rubbish', ''])
    t.deepEqual(
      findOwnIdentity({ ...config, http: { ...config.http, tls } }, new Map([['a.pem', text]]), {}).ids,
      [],
    );
});

test('own identity – the downward API says it, and only with both names', (t) => {
  const env = { POD_NAMESPACE: 'peerproof', POD_SERVICE_ACCOUNT: 'authz' };
  t.is(findOwnIdentity(config, new Map(), env).workload, '/ns/peerproof/sa/authz');
  for (const half of [{ ...env, POD_NAMESPACE: '' }, { POD_NAMESPACE: 'peerproof' }])
    t.is(findOwnIdentity(config, new Map(), half).workload, undefined);
});
