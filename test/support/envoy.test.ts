import test from 'ava';
import { GRPC_ECHO_PATH } from './app.ts';
import { request } from './client.ts';
import { grpcUnary } from './client-grpc.ts';
import { tcpExchange } from './client-tcp.ts';
import { envoyUnavailableReason, findEnvoy } from './envoy-binary.ts';
import { CLIENT, GATEWAY, SIDECAR, startWorld, type World } from './envoy-world.ts';
import { ALLOW, DENY } from './ext-authz-stub.ts';

const hasEnvoy = (await findEnvoy()) !== undefined;
if (!hasEnvoy) console.warn(`SKIPPED: no Envoy on this machine: ${envoyUnavailableReason()}`);
const envoyTest = hasEnvoy ? test.serial : test.serial.skip;

let world: World;

function clientTls() {
  return { caPem: world.ca.certPem, certPem: world.client.certPem, keyPem: world.client.keyPem };
}

test.before(async () => {
  if (hasEnvoy) world = await startWorld();
});

test.after.always(async () => {
  await world?.stop();
});

test.beforeEach(() => {
  if (hasEnvoy) world.stub.answer(ALLOW);
});

for (const protocol of ['h1', 'h2'] as const) {
  envoyTest(`${protocol} through the pair of filters that Istio renders`, async (t) => {
    const target = { port: world.envoy.port('sidecar'), tls: clientTls(), protocol };
    world.stub.answer({
      ...ALLOW,
      dynamic_metadata: { fields: { user: { stringValue: 'alice' } } },
      ok_response: { headers: [{ header: { key: 'x-user', value: 'alice' }, append: { value: false } }] },
    });
    const allowed = await request(target, {
      path: '/orders?x=1',
      headers: [
        ['x-user', 'mallory'],
        ['authorization', 'Bearer a'],
        ['authorization', 'Bearer b'],
        ['x-forwarded-client-cert', 'Hash=forged;URI=spiffe://evil/x'],
      ],
    });
    t.is(allowed.status, 200);
    const echo = allowed.json();
    t.is(echo.path, '/orders?x=1');
    t.is(echo.httpVersion, protocol === 'h1' ? '1.1' : '2.0');
    t.deepEqual(
      echo.headers.filter(([name]: [string]) => name === 'x-user'),
      [['x-user', 'alice']],
    );
    const { attributes } = world.stub.last;
    t.is(attributes.source.principal, CLIENT);
    t.is(attributes.source.certificate, undefined);
    t.is(attributes.destination.principal, SIDECAR);
    t.deepEqual(attributes.context_extensions, { policy: 'orders' });
    const { headers } = attributes.request.http;
    t.is(headers.authorization, 'Bearer a,Bearer b');
    t.is(
      headers['x-forwarded-client-cert'],
      `Hash=forged;URI=spiffe://evil/x,By=${SIDECAR};Hash=${world.client.sha256Hex};Subject="O=SPIRE,C=US";URI=${CLIENT}`,
    );
    t.true(
      echo.headers.some(([name, value]: [string, string]) => name === 'x-metadata' && value === 'alice'),
    );

    world.stub.answer({
      status: { code: 7 },
      denied_response: {
        status: { code: 401 },
        body: 'who',
        headers: [{ header: { key: 'x-why', value: 'no' } }],
      },
    });
    const denied = await request(target);
    t.is(denied.status, 401);
    t.is(denied.body, 'who');
    t.is(denied.header('x-why'), 'no');
  });
}

envoyTest('source.certificate arrives with include_peer_certificate', async (t) => {
  await request({ port: world.envoy.port('certificate'), tls: clientTls() });
  t.is(world.stub.last.attributes.source.certificate, world.client.urlEncodedPem);
});

envoyTest(
  'only marked requests are asked about; without mTLS the XFCC of the client is dropped',
  async (t) => {
    const target = { port: world.envoy.port('marked') };
    const before = world.stub.checks.length;
    world.stub.answer(DENY);
    t.is((await request(target, { path: '/open' })).status, 200);
    t.is(world.stub.checks.length, before);
    const headers = [['x-forwarded-client-cert', 'Hash=forged']] as const;
    t.is((await request(target, { path: '/guarded', headers })).status, 403);
    t.is(world.stub.last.attributes.request.http.headers['x-forwarded-client-cert'], undefined);
  },
);

envoyTest('gateway to sidecar: two elements, the last one is the gateway', async (t) => {
  await request(
    { port: world.envoy.port('gateway'), tls: clientTls() },
    { headers: [['x-forwarded-client-cert', 'Hash=forged']] },
  );
  const { attributes } = world.stub.last;
  t.is(attributes.source.principal, GATEWAY);
  t.is(
    attributes.request.http.headers['x-forwarded-client-cert'],
    `By=${GATEWAY};Hash=${world.client.sha256Hex};Cert="${world.client.urlEncodedPem}";Subject="O=SPIRE,C=US";URI=${CLIENT},` +
      `By=${SIDECAR};Hash=${world.gateway.sha256Hex};Subject="O=SPIRE,C=US";URI=${GATEWAY}`,
  );
});

envoyTest('gRPC traffic: allowed and denied', async (t) => {
  const call = {
    port: world.envoy.port('sidecar'),
    tls: clientTls(),
    path: GRPC_ECHO_PATH,
    message: Buffer.from('hello'),
  };
  const allowed = await grpcUnary(call);
  t.is(allowed.code, 0, allowed.details);
  t.is(allowed.message?.toString(), 'hello');
  world.stub.answer({ ...DENY, denied_response: { status: { code: 403 }, body: 'not you' } });
  const denied = await grpcUnary(call);
  t.is(denied.code, 7);
  t.is(denied.details, 'not you');
});

envoyTest('TCP: the principal decides, a denial closes', async (t) => {
  const exchange = { port: world.envoy.port('tcp'), tls: clientTls(), send: 'ping' };
  t.deepEqual(await tcpExchange(exchange), { received: 'ping', closedByPeer: false });
  const { attributes } = world.stub.last;
  t.is(attributes.source.principal, CLIENT);
  t.is(attributes.source.certificate, world.client.urlEncodedPem);
  t.falsy(attributes.request?.http);
  world.stub.answer(DENY);
  t.deepEqual(await tcpExchange(exchange), { received: '', closedByPeer: true });
});

envoyTest('HTTP ext_authz', async (t) => {
  const target = { port: world.envoy.port('http') };
  const allowed = await request(target, { path: '/orders?x=1', headers: [['x-user', 'mallory']] });
  t.is(allowed.status, 200);
  t.deepEqual(
    allowed.json().headers.filter(([name]: [string]) => name === 'x-user'),
    [['x-user', 'alice']],
  );
  t.is((await request(target, { path: '/other' })).status, 401);
  t.true((await world.envoy.stat('http.http.ext_authz.peerproof.denied')) >= 1);
});

envoyTest('an authorizer that is not serving is taken out', async (t) => {
  const { envoy, stub, second } = world;
  await envoy.healthyAuthorizers('checked', 2);
  second.serving(false);
  await envoy.healthyAuthorizers('checked', 1);
  const before = stub.checks.length;
  for (let i = 0; i < 4; i++) await request({ port: envoy.port('checked') });
  t.is(stub.checks.length, before + 4);
  second.serving(true);
  await envoy.healthyAuthorizers('checked', 2);
});

envoyTest('a client without a certificate is refused', async (t) => {
  await t.throwsAsync(request({ port: world.envoy.port('sidecar'), tls: { caPem: world.ca.certPem } }));
});
