import { startApp } from './app.ts';
import { createCa } from './ca.ts';
import { request } from './client.ts';
import { programTest } from './debian-test.ts';
import { startNginx } from './nginx.ts';

const nginxTest = await programTest('nginx');

nginxTest('an nginx of our own listens with and without TLS, buffers a body, and ends', async (t) => {
  const ca = await createCa();
  const server = await ca.server();
  const app = await startApp();
  t.teardown(app.stop);
  const nginx = await startNginx({
    listeners: ['web', 'tls'],
    files: { 'server.pem': server.certPem, 'server.key': server.keyPem },
    config: (port) => `
      server {
        listen 127.0.0.1:${port('web')};
        listen 127.0.0.1:${port('tls')} ssl;
        ssl_certificate server.pem;
        ssl_certificate_key server.key;
        location / { proxy_pass http://127.0.0.1:${app.port}; }
      }`,
  });
  t.teardown(nginx.stop);
  const body = 'x'.repeat(200_000);
  const answer = await request({ port: nginx.port('web') }, { path: '/a', body });
  t.is(answer.json().body, body);
  t.is((await request({ port: nginx.port('tls'), tls: { caPem: ca.certPem } })).status, 200);
  await nginx.stop();
  await t.throwsAsync(request({ port: nginx.port('web') }), { code: 'ECONNREFUSED' });
});

nginxTest('what nginx says of a bad configuration is in the error', async (t) => {
  await t.throwsAsync(startNginx({ listeners: [], config: () => 'nonsense;' }), {
    message: /unknown directive "nonsense"/,
  });
});
