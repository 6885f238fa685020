import { network, plainPath } from '../config/fields.ts';
import type { ConfigInput } from '../config/schema.ts';
import { Malformed } from '../lib/malformed.ts';
import type { Report } from './report.ts';
import type { Mode } from './rules.ts';
import type { Settings } from './settings.ts';
import type { Target } from './target.ts';

type Listen = NonNullable<ConfigInput['listen']>;
type Http = NonNullable<ConfigInput['http']>;

/** The addresses. The HTTP door has the address of oauth2-proxy. */
export function migrateDoor(
  mode: Mode,
  settings: Settings,
  report: Report,
): { listen: Listen; http: Http | undefined } {
  const [certFile, keyFile] = ['tls-cert-file', 'tls-key-file'].map((name) => settings.text(name));
  if ((certFile === undefined) !== (keyFile === undefined))
    report.fail('--tls-cert-file and --tls-key-file must be set together');
  const tls = certFile !== undefined && keyFile !== undefined ? { certFile, keyFile } : undefined;
  const http = closedByTls(tls !== undefined, settings, report)
    ? undefined
    : httpAddress(tls !== undefined, settings, report);
  const admin = adminAddress(settings, report);
  const taken = [http, admin].map((address) => address?.split(':').at(-1));
  const grpc = ['9001', '9004', '9005'].find((port) => !taken.includes(port)) ?? '9001';
  const host = http?.startsWith('127.') || http?.startsWith('localhost:') ? '127.0.0.1' : '0.0.0.0';
  return {
    listen: { ...(http !== undefined && { http }), grpc: `${host}:${grpc}`, admin },
    http:
      http === undefined ? undefined : { ...(tls && { tls }), ...migrateForwardAuth(mode, settings, report) },
  };
}

/** The ports of the manifests, where the mesh or the machine itself protects them. */
export function useDoor({ door, envoy }: Target, forwards: boolean, report: Report): Target['door'] {
  for (const name of ['http-address', 'https-address', 'metrics-address'])
    report.replaced(name, 'the ports of the manifests');
  for (const name of ofTls) report.unneeded(name, 'clients meet the TLS of the proxy, not that of Peerproof');
  if (envoy && !forwards) report.replaced('upstream', 'Peerproof answers 200 to a check of Envoy');
  return door;
}

const ofTls = [
  'tls-cert-file',
  'tls-key-file',
  'tls-min-version',
  'tls-cipher-suite',
  'metrics-secure-address',
  'metrics-tls-cert-file',
  'metrics-tls-key-file',
];

/** Whether the door stays closed because it cannot be as strict about TLS as oauth2-proxy. */
function closedByTls(tls: boolean, settings: Settings, report: Report): boolean {
  if (!tls) {
    for (const name of ['tls-min-version', 'tls-cipher-suite'])
      report.unneeded(name, 'it has no effect without a certificate');
    return false;
  }
  const least = settings.text('tls-min-version');
  if (least !== undefined && least !== 'TLS1.2' && least !== 'TLS1.3')
    report.fail('--tls-min-version must be TLS1.2 or TLS1.3');
  if (least === 'TLS1.3')
    report.unsupported(
      'tls-min-version',
      'Peerproof also accepts TLS 1.2, so listen.http stays closed; let the mesh terminate TLS',
    );
  const closed = least === 'TLS1.3' || settings.asks('tls-cipher-suite');
  if (closed)
    for (const name of ['https-address', 'tls-cert-file', 'tls-key-file'])
      report.unsupported(name, 'listen.http stays closed');
  return closed;
}

function httpAddress(tls: boolean, settings: Settings, report: Report): string | undefined {
  const [name, other, byDefault] = tls
    ? (['https-address', 'http-address', ':443'] as const)
    : (['http-address', 'https-address', '127.0.0.1:4180'] as const);
  report.unneeded(
    other,
    tls
      ? 'with a certificate, oauth2-proxy listens only on --https-address'
      : 'without a certificate, oauth2-proxy does not listen there',
  );
  const written = settings.given.has(name) ? (settings.text(name) ?? '-') : byDefault;
  const address = parseAddress(written);
  if (address instanceof Malformed) report.unsupported(name, `${address.why}: listen.http stays closed`);
  else if (address === undefined) report.kept(name, 'listen.http is closed');
  return address instanceof Malformed ? undefined : address;
}

function adminAddress(settings: Settings, report: Report): string {
  const written = settings.text('metrics-address');
  const address = written === undefined ? undefined : parseAddress(written);
  if (address instanceof Malformed)
    report.unsupported('metrics-address', `${address.why}: listen.admin is 0.0.0.0:9003`);
  return typeof address === 'string' ? address : '0.0.0.0:9003';
}

/** `[http://]host:port`, as Go reads it. Undefined if `-` or an empty text closes the door. */
function parseAddress(text: string): string | undefined | Malformed {
  if (text === '-' || text === '') return undefined;
  const [, host, port] = /^(?:https?:\/\/)?(\[[0-9a-f:.]+\]|[A-Za-z0-9._-]*):(\d{1,5})$/i.exec(text) ?? [];
  // `fd:3` is a socket of systemd.
  if (host === undefined || Number(port) > 65535 || /^fd:/i.test(text))
    return new Malformed('the address must be host:port');
  return `${host === '' ? '0.0.0.0' : host}:${port}`;
}

/** The path for nginx, Caddy or Traefik. Without addresses of proxies, only this machine may call it. */
function migrateForwardAuth(mode: Mode, settings: Settings, report: Report): Pick<Http, 'forwardAuth'> {
  if (mode === 'envoy') return {};
  const prefix = settings.given.has('proxy-prefix') ? (settings.text('proxy-prefix') ?? '') : '/oauth2';
  const path = `${prefix.replace(/^\/*|\/*$/g, '').replace(/^(?=.)/, '/')}/auth`;
  if (!plainPath.safeParse(path).success) report.fail('--proxy-prefix must be a plain path, such as /oauth2');
  report.replaced('proxy-prefix', 'http.forwardAuth[0].path');
  const proxies = settings.on('reverse-proxy') ? settings.list('trusted-proxy-ip') : [];
  if (proxies.some((entry) => !network.safeParse(entry).success))
    report.fail('--trusted-proxy-ip must hold IP addresses or networks, such as 10.0.0.0/8');
  if (settings.on('reverse-proxy')) {
    report.replaced('reverse-proxy', 'http.forwardAuth[0].original: x-forwarded');
    report.kept('trusted-proxy-ip', 'http.forwardAuth[0].proxies');
  }
  if (proxies.length === 0)
    report.lack(
      'http.forwardAuth[0].proxies: only this machine may call: set the addresses of your proxy, and set original to the headers that it sends',
    );
  const original = settings.on('reverse-proxy') ? ('x-forwarded' as const) : ('x-original' as const);
  return {
    forwardAuth: [{ path, proxies: proxies.length > 0 ? [...proxies] : ['127.0.0.1', '::1'], original }],
  };
}
