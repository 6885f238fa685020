import { startApp } from './app.ts';
import { createCa } from './ca.ts';
import { startCaddy } from './caddy.ts';
import { request } from './client.ts';
import { programTest } from './debian-test.ts';

const caddyTest = await programTest('caddy');

caddyTest('a Caddy of our own listens with and without TLS, and ends', async (t) => {
  const ca = await createCa();
  const server = await ca.server();
  const app = await startApp();
  t.teardown(app.stop);
  const caddy = await startCaddy({
    listeners: ['web', 'tls'],
    files: { 'server.pem': server.certPem, 'server.key': server.keyPem },
    config: (port) => `
http://:${port('web')} {
	reverse_proxy 127.0.0.1:${app.port}
}
https://localhost:${port('tls')} {
	tls server.pem server.key
	reverse_proxy 127.0.0.1:${app.port}
}`,
  });
  t.teardown(caddy.stop);
  t.is((await request({ port: caddy.port('web') }, { path: '/a' })).json().path, '/a');
  const tls = { caPem: ca.certPem };
  const headers = [['host', 'localhost']] as const;
  t.is((await request({ port: caddy.port('tls'), tls }, { headers })).status, 200);
  await caddy.stop();
  await t.throwsAsync(request({ port: caddy.port('web') }), { code: 'ECONNREFUSED' });
});

caddyTest('what Caddy says of a bad configuration is in the error', async (t) => {
  await t.throwsAsync(startCaddy({ listeners: [], config: () => ':1 {\n\tnonsense\n}' }), {
    message: /unrecognized directive: nonsense/,
  });
});
