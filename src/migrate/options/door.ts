import { kept, notNeeded, notSupported, type Row, replaced, rows } from '../option.ts';

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
  )('list', 'tls_cipher_suites'),
  'metrics-address': replaced('listen.admin, with /healthz and /readyz')('string'),
  ...rows(plainMetrics, {
    string: 'metrics-secure-address metrics-tls-cert-file metrics-tls-key-file',
  }),
  ...rows(health, {
    string: 'ping-path ready-path ping-user-agent',
    bool: 'gcp-healthchecks',
  }),
  'proxy-prefix': notNeeded('Peerproof has no pages')('string'),
  'reverse-proxy': notNeeded('a check of Envoy holds the request itself, so no forwarded header is read')(
    'bool',
  ),
  'trusted-proxy-ip': notNeeded('no forwarded header is read')('list', 'trusted_proxy_ips'),
  'real-client-ip-header': notNeeded('Peerproof does not use the IP address of the client')('string'),
  'force-https': notNeeded('Peerproof has no redirects')('bool'),
  'force-json-errors': kept('refusals are JSON')('bool'),
  'allow-query-semicolons': notNeeded('rules do not use the query')('bool'),
  upstream: replaced('Peerproof answers 200 to a check of Envoy')('list', 'upstreams'),
  ...rows(noForwarding, {
    bool: `disable-keep-alives pass-host-header proxy-websockets ssl-upstream-insecure-skip-verify`,
    duration: 'flush-interval upstream-timeout',
  }),
  config: { ...replaced('it was read like --cfg')('string'), keys: [] },
  'alpha-config': { ...notSupported('this format is not supported')('string'), keys: [] },
  'convert-config-to-alpha': { ...fileOnly('bool'), keys: [] },
  'config-test': { ...fileOnly('bool'), keys: [] },
  version: { ...fileOnly('bool'), keys: [] },
};
