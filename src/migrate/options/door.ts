import { fate, type Row } from '../option.ts';

const kept = (why: string) => fate('kept', why);
const replaced = (why: string) => fate('replaced', why);
const unneeded = (why: string) => fate('not needed', why);
const health = replaced(
  '/healthz and /readyz on listen.admin; at this door the path needs a token as any other',
);
const noForwarding = unneeded('Peerproof forwards nothing: it is asked, and the proxy forwards');
const plainMetrics = fate('not supported', 'metrics are served on listen.admin without TLS');
const fileOnly = unneeded('no setting');

/** Options about where it listens, what it forwards, and how it is started. */
export const door: Readonly<Record<string, Row>> = {
  'http-address': kept('listen.http')('string'),
  'https-address': kept('listen.http')('string'),
  'tls-cert-file': kept('http.tls.certFile')('string'),
  'tls-key-file': kept('http.tls.keyFile')('string'),
  'tls-min-version': unneeded('TLS 1.2 is the least there is')('string'),
  'tls-cipher-suite': fate(
    'not supported',
    'the suites cannot be chosen: listen.http is left closed; put the mesh in front of it',
  )('list', { key: 'tls_cipher_suites' }),
  'metrics-address': replaced('listen.admin, with /healthz and /readyz')('string'),
  'metrics-secure-address': plainMetrics('string'),
  'metrics-tls-cert-file': plainMetrics('string'),
  'metrics-tls-key-file': plainMetrics('string'),
  'ping-path': health('string'),
  'ready-path': health('string'),
  'ping-user-agent': health('string'),
  'gcp-healthchecks': health('bool'),
  'proxy-prefix': unneeded('there are no pages of its own')('string'),
  'reverse-proxy': unneeded('the check itself says what was asked; no forwarded header is read')('bool'),
  'trusted-proxy-ip': unneeded('no forwarded header is read')('list', { key: 'trusted_proxy_ips' }),
  'real-client-ip-header': unneeded('no address decides anything')('string'),
  'force-https': unneeded('there are no redirects')('bool'),
  'force-json-errors': kept('refusals are JSON')('bool'),
  'allow-query-semicolons': unneeded('no rule looks at the query')('bool'),
  upstream: replaced('the answer 200 to a check of Envoy')('list', { key: 'upstreams' }),
  'disable-keep-alives': noForwarding('bool'),
  'flush-interval': noForwarding('duration'),
  'pass-host-header': noForwarding('bool'),
  'proxy-websockets': noForwarding('bool'),
  'ssl-upstream-insecure-skip-verify': noForwarding('bool'),
  'upstream-timeout': noForwarding('duration'),
  config: { ...replaced('read, as --cfg')('string'), keys: [] },
  'alpha-config': { ...fate('not supported', 'its format is not read')('string'), keys: [] },
  'convert-config-to-alpha': { ...fileOnly('bool'), keys: [] },
  'config-test': { ...fileOnly('bool'), keys: [] },
  version: { ...fileOnly('bool'), keys: [] },
};
