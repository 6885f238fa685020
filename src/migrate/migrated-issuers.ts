import type { ConfigInput } from '../config/schema.ts';
import { type AlgorithmName, isAlgorithm } from '../core/token/algorithms.ts';
import { mayBeAsked } from '../sources/https-only.ts';
import type { Report } from './report.ts';
import type { Settings } from './settings.ts';

export type IssuerInput = NonNullable<ConfigInput['issuers']>[string];

/** The name of an issuer of `--extra-jwt-issuers`. */
export const extraName = (index: number) => `extra-${index + 1}`;

/** The audiences of the provider's tokens: the client ID and the extra audiences. */
export function acceptedAudiences(settings: Settings): readonly string[] {
  const client = settings.text('client-id');
  return [...new Set([...(client === undefined ? [] : [client]), ...settings.list('oidc-extra-audience')])];
}

/** The issuer for the provider. `--client-id` and `--oidc-issuer-url` are required, as in oauth2-proxy. */
export function migrateMainIssuer(withoutAud: boolean, settings: Settings, report: Report): IssuerInput {
  for (const name of ['client-id', 'oidc-issuer-url'])
    if (settings.text(name) === undefined && !settings.hidden.has(name))
      report.fail(`--${name} is missing: oauth2-proxy needs it too`);
  return {
    issuer: settings.text('oidc-issuer-url') ?? '',
    audiences: [...acceptedAudiences(settings)],
    ...(withoutAud && { allowInsecureNoAudience: true }),
    ...migrateKeys(settings, report),
    ...migrateCa(settings, report),
    algorithms: [...migrateAlgorithms(settings, report)],
    clockSkew: '0s',
    ...migrateInsecureHttp('default', keysUrl(settings), report),
  };
}

/** Issuers of `--extra-jwt-issuers`, one entry per `iss`. */
export function migrateExtraIssuers(settings: Settings, report: Report): Map<string, IssuerInput> {
  const audiences = new Map<string, Set<string>>();
  for (const [at, pair] of settings.list('extra-jwt-issuers').entries()) {
    const cut = pair.indexOf('=');
    if (cut < 1 || cut === pair.length - 1)
      report.fail(`--extra-jwt-issuers: entry ${at + 1} must be issuer=audience`);
    const iss = pair.slice(0, Math.max(cut, 0));
    const named = audiences.get(iss) ?? new Set(settings.list('oidc-extra-audience'));
    audiences.set(iss, named.add(pair.slice(cut + 1)));
  }
  return new Map(
    [...audiences].map(([iss, named], index) => [
      extraName(index),
      {
        issuer: iss,
        audiences: [...named],
        ...migrateCa(settings, report),
        algorithms: ['RS256'],
        clockSkew: '0s',
        ...migrateInsecureHttp(extraName(index), iss, report),
      },
    ]),
  );
}

function migrateKeys(settings: Settings, report: Report): Pick<IssuerInput, 'jwksUri' | 'keys'> {
  const url = settings.text('oidc-jwks-url');
  const [file, ...more] = settings.list('oidc-public-key-file');
  if (url !== undefined && file !== undefined)
    report.fail('--oidc-jwks-url and --oidc-public-key-file cannot be combined: keep one of them');
  if (!settings.on('skip-oidc-discovery')) {
    const why = 'oauth2-proxy ignores it without --skip-oidc-discovery';
    for (const name of ['oidc-jwks-url', 'oidc-public-key-file']) report.unneeded(name, why);
    return {};
  }
  if (url !== undefined) return { jwksUri: url };
  if (file === undefined) {
    report.fail('--skip-oidc-discovery needs --oidc-jwks-url or --oidc-public-key-file');
    return {};
  }
  if (more.length > 0)
    report.unsupported(
      'oidc-public-key-file',
      'issuers.default.keys holds one key: the first file is used; to use all, put them into one JWK Set and set issuers.default.jwks',
    );
  return { keys: file };
}

/** The URL that the keys are fetched from. Undefined if they come from a file. */
function keysUrl(settings: Settings): string | undefined {
  return settings.on('skip-oidc-discovery')
    ? settings.text('oidc-jwks-url')
    : settings.text('oidc-issuer-url');
}

function migrateInsecureHttp(
  name: string,
  url: string | undefined,
  report: Report,
): Pick<IssuerInput, 'allowInsecureHttp'> {
  if (url === undefined || !URL.canParse(url)) return {};
  const parsed = new URL(url);
  if (parsed.protocol !== 'http:' || mayBeAsked(parsed, false)) return {};
  report.warn(
    `issuers.${name}.allowInsecureHttp: its keys are fetched over plain http, so an attacker on the network can replace them and sign tokens: use https`,
  );
  return { allowInsecureHttp: true };
}

/** Without a list, oauth2-proxy uses what the provider announces, or RS256. RS256 alone is not weaker. */
function migrateAlgorithms(settings: Settings, report: Report): readonly AlgorithmName[] {
  const named = settings.list('oidc-enabled-signing-alg');
  if (named.some((name) => !/^(?:[RPEH]S(?:256|384|512)|EdDSA)$/.test(name)))
    report.fail('--oidc-enabled-signing-alg has an algorithm that oauth2-proxy does not support');
  const known = named.filter(isAlgorithm);
  const why =
    'HS256, HS384 and HS512 are not supported, because the issuer and the verifier share their secret';
  if (named.length > 0 && known.length === 0) report.refuse('oidc-enabled-signing-alg', why);
  else if (known.length < named.length)
    report.unsupported('oidc-enabled-signing-alg', `${why}: the other algorithms are kept`);
  return known.length > 0 ? known : ['RS256'];
}

function migrateCa(settings: Settings, report: Report): Pick<IssuerInput, 'ca'> {
  const [file, ...more] = settings.list('provider-ca-file');
  if (file === undefined) return {};
  if (more.length > 0)
    report.unsupported(
      'provider-ca-file',
      'only the first file is used as issuers.*.ca: put all into one file',
    );
  if (settings.on('use-system-trust-store'))
    report.unsupported(
      'use-system-trust-store',
      'issuers.*.ca replaces the certificate authorities of the system: add those that you need to the same file',
    );
  return { ca: file };
}
