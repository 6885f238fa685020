import { kept, notNeeded, notSupported, type Row, replaced } from '../option.ts';

const health = replaced(
  '/healthz and /readyz on listen.admin; on the HTTP port this path needs a token, like any other',
);
const noForwarding = notNeeded('Peerproof does not forward requests: the proxy does');
const plainMetrics = notSupported('listen.admin serves metrics without TLS');
const fileOnly = notNeeded('it is an action and not a setting');

/** Options for listening, forwarding and starting. */
export const door: Readonly<Record<string, Row>> = {
  'http-address': kept('listen.http')('string'),
  'https-address': kept('listen.http')('string'),
  'tls-cert-file': kept('http.tls.certFile')('string'),
  'tls-key-file': kept('http.tls.keyFile')('string'),
  'tls-min-version': notNeeded('Peerproof accepts TLS 1.2 and later')('string'),
  'tls-cipher-suite': notSupported(
    'cipher suites cannot be configured, so listen.http stays closed; let the mesh terminate TLS',
  )('list', { key: 'tls_cipher_suites' }),
  'metrics-address': replaced('listen.admin, with /healthz and /readyz')('string'),
  'metrics-secure-address': plainMetrics('string'),
  'metrics-tls-cert-file': plainMetrics('string'),
  'metrics-tls-key-file': plainMetrics('string'),
  'ping-path': health('string'),
  'ready-path': health('string'),
  'ping-user-agent': health('string'),
  'gcp-healthchecks': health('bool'),
  'proxy-prefix': notNeeded('Peerproof has no pages')('string'),
  'reverse-proxy': notNeeded('a check of Envoy holds the request itself, so no forwarded header is read')(
    'bool',
  ),
  'trusted-proxy-ip': notNeeded('no forwarded header is read')('list', { key: 'trusted_proxy_ips' }),
  'real-client-ip-header': notNeeded('Peerproof does not use the IP address of the client')('string'),
  'force-https': notNeeded('Peerproof has no redirects')('bool'),
  'force-json-errors': kept('refusals are JSON')('bool'),
  'allow-query-semicolons': notNeeded('rules do not use the query')('bool'),
  upstream: replaced('Peerproof answers 200 to a check of Envoy')('list', { key: 'upstreams' }),
  'disable-keep-alives': noForwarding('bool'),
  'flush-interval': noForwarding('duration'),
  'pass-host-header': noForwarding('bool'),
  'proxy-websockets': noForwarding('bool'),
  'ssl-upstream-insecure-skip-verify': noForwarding('bool'),
  'upstream-timeout': noForwarding('duration'),
  config: { ...replaced('it was read like --cfg')('string'), keys: [] },
  'alpha-config': { ...notSupported('this format is not supported')('string'), keys: [] },
  'convert-config-to-alpha': { ...fileOnly('bool'), keys: [] },
  'config-test': { ...fileOnly('bool'), keys: [] },
  version: { ...fileOnly('bool'), keys: [] },
};
