import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { published, withAddresses } from '../proxies/orders.ts';
import { createCa } from '../support/ca.ts';
import { startCaddy } from '../support/caddy.ts';
import { startNginx } from '../support/nginx.ts';
import type { PrivateServer } from '../support/private-server.ts';
import { startTraefik, type Traefik } from '../support/traefik.ts';
import { type DoorWorld, FORWARD_AUTH } from './world.ts';

/** The published files of nginx and Caddy, with client certificates, before the application of the verdicts. */
export const forwardAuth = { nginx, caddy } as const satisfies Readonly<
  Record<string, (world: DoorWorld) => Promise<PrivateServer>>
>;

async function nginx(world: DoorWorld): Promise<PrivateServer> {
  return startNginx({
    listeners: ['https'],
    files: await certificates(world),
    config: (port) =>
      withAddresses(published('nginx.conf'), {
        'server 127.0.0.1:9002;': `server 127.0.0.1:${world.peerproof.httpPort};`,
        'server 127.0.0.1:8080;': `server 127.0.0.1:${world.app.port};`,
        'listen 443 ssl;': `listen 127.0.0.1:${port('https')} ssl;`,
        '/etc/nginx/tls/': '',
      }),
  });
}

async function caddy(world: DoorWorld): Promise<PrivateServer> {
  const auth = 'client_auth {\n mode verify_if_given\n trusted_ca_cert_file clients-ca.pem\n}';
  return startCaddy({
    listeners: ['https'],
    files: await certificates(world),
    config: (port) =>
      withAddresses(published('Caddyfile'), {
        'forward_auth 127.0.0.1:9002 {': `forward_auth 127.0.0.1:${world.peerproof.httpPort} {`,
        'uri /oauth2/auth?': `uri ${FORWARD_AUTH.caddy.path}?`,
        'reverse_proxy 127.0.0.1:8080': `reverse_proxy 127.0.0.1:${world.app.port}`,
        'orders.example.com {': `https://:${port('https')} {\ntls orders.pem orders.key {\n${auth}\n}`,
        '# @certified': '@certified',
        '# request_header @certified': 'request_header @certified',
      }),
  });
}

/**
 * With what its top says for client certificates, and with every host, as the other files have it. Its own certificate is of
 * another authority: a client that knows the authority of its own certificate sends it along, and Traefik passes on both.
 */
export async function traefik(binary: string, world: DoorWorld): Promise<Traefik & { caPem: string }> {
  const ca = await createCa();
  const { certPem, keyPem } = await ca.server();
  const files = { 'traefik.pem': certPem, 'traefik.key': keyPem, 'clients-ca.pem': world.ca.certPem };
  const running = await startTraefik(binary, files, (folder) => {
    const dynamic = parse(
      withAddresses(published('traefik.yaml'), {
        'http://127.0.0.1:9002/oauth2/auth': `http://127.0.0.1:${world.peerproof.httpPort}${FORWARD_AUTH.traefik.path}`,
        'http://127.0.0.1:8080': `http://127.0.0.1:${world.app.port}`,
        'Host(`orders.example.com`)': 'PathPrefix(`/`)',
        '[peerproof-unheard, peerproof]': '[peerproof-unheard, certificate, peerproof]',
      }),
    );
    dynamic.http.middlewares.certificate = { passTLSClientCert: { pem: true } };
    const [certFile, keyFile, clients] = Object.keys(files).map((name) => join(folder, name));
    const clientAuth = { caFiles: [clients], clientAuthType: 'VerifyClientCertIfGiven' };
    const stores = { default: { defaultCertificate: { certFile, keyFile } } };
    return stringify({ ...dynamic, tls: { stores, options: { default: { clientAuth } } } });
  });
  return { ...running, caPem: ca.certPem };
}

async function certificates({ ca }: DoorWorld): Promise<Record<string, string>> {
  const { certPem, keyPem } = await ca.server();
  return { 'orders.pem': certPem, 'orders.key': keyPem, 'clients-ca.pem': ca.certPem };
}
