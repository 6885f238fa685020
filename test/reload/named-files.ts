import { stringify } from 'yaml';
import { crossCheck } from '../../src/config/cross-check.ts';
import { atOnce } from '../../src/lib/in-turns.ts';
import { createCa } from '../support/ca.ts';
import { pemKey } from '../support/internal-token.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { yaml } from './reload-world.ts';

/** Nobody answers there. */
const nobody = 'https://127.0.0.1:1';
const audiences = ['orders'];
const tls = (door: string) => ({
  certFile: `${door}.crt`,
  keyFile: `${door}.key`,
  clientCaFile: `${door}-clients.pem`,
});
const asked = { endpoint: nobody, clientId: 'peerproof' };

/** A configuration that names a file in every setting that can name one. Each has a file of its own. */
const config = {
  issuers: {
    found: { issuer: nobody, audiences, ca: 'issuer-ca.pem' },
    jwks: { issuer: 'https://jwks.example', audiences, jwks: 'set.json' },
    keys: { issuer: 'https://keys.example', audiences, keys: 'key.pem' },
    secret: { introspection: { ...asked, clientSecretFile: 'secret' }, audiences },
    mtls: {
      introspection: {
        ...{ ...asked, authentication: 'tls_client_auth', certFile: 'client.crt', keyFile: 'client.key' },
      },
      audiences,
    },
    cluster: {
      kubernetes: { verify: 'tokenReview', apiServer: nobody, tokenFile: 'own-token' },
      ...{ issuer: 'https://cluster.example', audiences, ca: 'cluster-ca.pem', trustDomain: 'a.example' },
    },
  },
  peers: {
    trustDomains: {
      'a.example': { bundle: 'bundle.pem' },
      'b.example': { bundleEndpoint: nobody, ca: 'b-ca.pem' },
    },
  },
  identity: { token: { issuer: 'https://peerproof.example', keyFiles: ['signing.key'] } },
  grpc: { tls: tls('grpc') },
  http: { tls: tls('http') },
  console: { passwordFile: 'password' },
  telemetry: {
    ...{ endpoint: nobody, metrics: {}, caFile: 'telemetry-ca.pem' },
    // Names that other settings have.
    headerFiles: { authorization: 'header', keys: 'header-keys', bundle: 'header-bundle' },
  },
  delegate: [{ owner: 'a', namespaces: ['a'] }],
  rulesFrom: { kubernetes: { apiServer: nobody, tokenFile: 'rules-token', ca: 'rules-ca.pem' } },
  shadow: { file: 'shadow.yaml', share: 1 },
  rules: [{ name: 'all', public: true }],
};

/** Each place that names a file, and the file. The `ca` of a cluster is read for two places. */
export const named = [
  ...atOnce(crossCheck(config)).files,
  { path: ['shadow', 'file'], file: 'shadow.yaml' },
].filter(({ file }, at, all) => all.findIndex((one) => one.file === file) === at);

const [authority, signer] = [await createCa(), createSigner('ES256')];
const [server, client] = [await authority.server(), await authority.issue()];
const pairs: Readonly<Record<string, string>> = {
  'grpc.crt': server.certPem,
  'grpc.key': server.keyPem,
  'http.crt': server.certPem,
  'http.key': server.keyPem,
  'client.crt': client.certPem,
  'client.key': client.keyPem,
};

/** A valid content of each file. With another number, all contents are others that are valid too. */
export function contents(edition: number): Record<string, string> {
  const comment = `# ${edition}\n`;
  const files = named.map(({ file }) => [file, contentOf(file, edition)]);
  return { 'peerproof.yaml': yaml(config), ...Object.fromEntries(files) };

  function contentOf(file: string, n: number): string {
    if (file in pairs) return comment + pairs[file];
    if (file === 'set.json') return JSON.stringify({ keys: [{ ...signer.publicJwk, kid: `kid-${n}` }] });
    if (file === 'signing.key') return pemKey();
    if (file === 'key.pem') return `${createSigner('ES256').publicPem}`;
    if (file === 'shadow.yaml') return stringify({ rules: [{ name: `all-${n}`, public: true }] });
    if (file.endsWith('.pem')) return comment + authority.certPem;
    return `a content of more than sixteen letters ${n}`;
  }
}
