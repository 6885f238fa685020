import { presets } from '../core/identity/presets.ts';
import { readTemplate } from './manifest.ts';
import type { Target, TextFile } from './target.ts';

const path = '/oauth2/auth';
const certificateHeader = 'x-client-certificate';

/** nginx asks on the same machine, with `auth_request`. */
export const nginx: Target = {
  door: {
    listen: { grpc: '127.0.0.1:9001', http: '127.0.0.1:9002', admin: '127.0.0.1:9003' },
    http: { forwardAuth: [{ path, proxies: ['127.0.0.1'], original: 'x-original', certificateHeader }] },
  },
  envoy: false,
  tighten:
    'let nginx ask for client certificates, and set binding: [certificate] in this rule, as soon as the tokens have a cnf',
  comments: [
    [['listen', 'http'], ' nginx asks here. Only this machine can reach the ports.'],
    [['listen', 'grpc'], ' Not used by nginx.'],
    [['rules', '*', 'require', 'binding'], tightenComment()],
  ],
  adapt: (configuration) => configuration,
  files: () => [createServer(), { path: 'README.md', text: readme }],
};

function tightenComment(): string {
  return ` TIGHTEN HERE: let nginx ask for client certificates, and write [certificate] if your tokens have a cnf.
 lint: ignore binding-none: oauth2-proxy does not check who sends a token`;
}

/** The example of this package with every header of oauth2-proxy, and without client certificates. */
function createServer(): TextFile {
  const text = readTemplate('proxies/nginx.conf').replace(
    /^ *# A client certificate[^;]*;\n *ssl_verify_client optional;\n\n/m,
    '',
  );
  const named = text.toLowerCase();
  const missing = Object.keys(presets['oauth2-proxy']).filter(
    (name) => !named.includes(`proxy_set_header ${name} `),
  );
  const withHeaders = text
    .replace(/^ *auth_request_set \$peerproof_user .*\n/m, (line) => line + missing.map(readsHeader).join(''))
    .replace(/^ *proxy_set_header X-Auth-Request-User .*\n/m, (line) => line + missing.map(sets).join(''));
  return { path: 'nginx.conf', text: `# Written by peerproof migrate oauth2-proxy.\n${withHeaders}` };
}

const variable = (name: string) => `peerproof_${name.replaceAll('-', '_')}`;
const readsHeader = (name: string) =>
  `    auth_request_set $${variable(name)} $upstream_http_${name.replaceAll('-', '_')};\n`;
const sets = (name: string) => `    proxy_set_header ${name} $${variable(name)};\n`;

const readme = `# Peerproof in place of oauth2-proxy, behind nginx

Read \`report.md\` first. Then do these steps in this folder, in this order. oauth2-proxy can keep running: Peerproof has ports of its own.

## 1. Run Peerproof beside nginx

\`\`\`sh
peerproof validate --config peerproof.yaml
peerproof serve --config peerproof.yaml
\`\`\`

## 2. Let nginx ask it

In \`nginx.conf\`, write the address, the name and the certificate of your application. It replaces the \`server\` that asks oauth2-proxy.

\`\`\`sh
cp nginx.conf /etc/nginx/conf.d/orders.conf
nginx -t && nginx -s reload
\`\`\`

Without a token the answer is 401, with a token it is 200. The log of Peerproof has the reason. To go back, restore the old file.
`;
