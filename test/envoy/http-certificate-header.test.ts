import test from 'ava';
import { kymaAuthorizer } from '../support/envoy-kyma.ts';
import { assertDiscreet, envoyTest, hasEnvoy } from '../support/envoy-test.ts';
import { IDS, type Mesh, received, startMesh } from '../support/mesh.ts';

/**
 * The way to a certificate that no header imitates, over HTTP: the proxy that asks adds it to each check itself
 * (`includeAdditionalHeadersInCheck`, Kyma's `inCheck.add`), and `peers.from` names that header.
 */

let mesh: Mesh;

test.before(async () => {
  if (!hasEnvoy) return;
  mesh = await startMesh({
    config: () => ({
      // What the client writes into XFCC is not even looked at.
      http: { pathPrefix: '/check' },
      peers: { from: ['x-client-certificate'], trustDomains: { 'cluster.local': {} } },
      clients: { 'orders-client': [IDS.client] },
      rules: [
        { name: 'public', match: { paths: ['/public'] }, public: true },
        { name: 'victim', match: { paths: ['/victim'] }, require: { peers: [IDS.client] } },
        { name: 'rest' },
      ],
    }),
    listeners: (parts) =>
      (['required', 'optional', 'plain', 'missing'] as const).map((name) => ({
        name,
        ...(name !== 'plain' && {
          mtls: parts.tls('orders', { requireClientCertificate: name === 'required' }),
        }),
        xfcc: { mode: 'FORWARD_ONLY' as const },
        upstream: { port: parts.app.port },
        extAuthz: kymaAuthorizer({
          ports: [parts.httpPort],
          pathPrefix: '/check',
          ...(name !== 'missing' && {
            headersToAdd: { 'x-client-certificate': '%DOWNSTREAM_PEER_CERT%' },
          }),
        }),
      })),
  });
});

test.after.always(async () => {
  await mesh?.stop();
});

const boundToken = () => mesh.mint({ cnf: { 'x5t#S256': mesh.who.client.thumbprint }, client_id: 'none' });
const forgeries = () =>
  [
    ['x-client-certificate', mesh.who.client.urlEncodedPem],
    ['X-Client-Certificate', mesh.who.client.urlEncodedPem],
    ['x-forwarded-client-cert', `By=${IDS.orders};Hash=${mesh.who.client.sha256Hex};URI=${IDS.client}`],
  ] as const;

for (const protocol of ['h1', 'h2'] as const) {
  envoyTest(`required, ${protocol}: the certificate of the connection is the peer`, async (t) => {
    for (const path of ['/', '/victim']) {
      const answer = await mesh.send('required', { who: 'client', path, protocol, token: boundToken() });
      t.is(answer.status, 200, answer.body);
      t.like(mesh.decisionOf(answer), { peer_from: 'x-client-certificate', bound_by: 'certificate' });
      t.deepEqual(received(answer, 'x-spiffe-id'), [IDS.client]);
      t.deepEqual(received(answer, 'x-client-certificate'), []);
    }
  });

  envoyTest(`required, ${protocol}: what the client writes of it is replaced`, async (t) => {
    const before = mesh.app.seen;
    for (const path of ['/', '/victim'])
      for (const headers of [forgeries(), forgeries().slice(0, 1), forgeries().slice(2)]) {
        const send = { who: 'thief', path, protocol, token: boundToken(), headers } as const;
        const answer = await mesh.send('required', send);
        t.true([401, 403].includes(answer.status), answer.body);
        t.is(mesh.decisionOf(answer).spiffe_id, IDS.thief);
      }
    t.is(mesh.app.seen, before);
    const open = await mesh.send('required', {
      who: 'thief',
      path: '/public',
      protocol,
      headers: forgeries(),
    });
    t.is(open.status, 200);
    t.deepEqual(received(open, 'x-client-certificate'), []);
    t.deepEqual(received(open, 'x-forwarded-client-cert'), []);
  });
}

// Nothing is copied from the client unless it is listed, so a header that Envoy does not add is never believed.
for (const [listener, plain] of [
  ['optional', false],
  ['plain', true],
  ['missing', false],
] as const)
  envoyTest(
    `${listener}: without a certificate, what the client writes of one stays out of the check`,
    async (t) => {
      const headers = forgeries();
      const answer = await mesh.send(listener, { plain, path: '/victim', token: boundToken(), headers });
      t.is(answer.status, 403, answer.body);
      t.is(mesh.decisionOf(answer).spiffe_id, undefined);
    },
  );

envoyTest('the log holds no token, signature, certificate or query', (t) => {
  assertDiscreet(t, mesh.peerproof.lines, mesh.tokens);
});
