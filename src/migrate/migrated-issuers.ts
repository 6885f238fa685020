import type { ConfigInput } from '../config/schema.ts';
import { type AlgorithmName, isAlgorithm } from '../core/token/algorithms.ts';
import { mayBeAsked } from '../sources/https-only.ts';
import type { MigrationReport } from './report.ts';
import type { Settings } from './settings.ts';

export type IssuerInput = NonNullable<ConfigInput['issuers']>[string];

/** The name of an issuer of `--extra-jwt-issuers`. */
export const extraName = (index: number) => `extra-${index + 1}`;

/** The audiences of the provider's tokens: the client ID and the extra audiences. */
export function audiencesOf(settings: Settings): readonly string[] {
  const client = settings.text('client-id');
  return [...new Set([...(client === undefined ? [] : [client]), ...settings.list('oidc-extra-audience')])];
}

/** The issuer for the provider. `--client-id` and `--oidc-issuer-url` are required, as in oauth2-proxy. */
export function mainIssuerOf(withoutAud: boolean, settings: Settings, report: MigrationReport): IssuerInput {
  for (const name of ['client-id', 'oidc-issuer-url'])
    if (settings.text(name) === undefined && !settings.hidden.has(name))
      report.fail(`--${name} is missing: oauth2-proxy needs it too`);
  return {
    issuer: settings.text('oidc-issuer-url') ?? '',
    audiences: [...audiencesOf(settings)],
    ...(withoutAud && { allowInsecureNoAudience: true }),
    ...keysOf(settings, report),
    ...caOf(settings, report),
    algorithms: [...algorithmsOf(settings, report)],
    clockSkew: '0s',
    ...insecureHttpOf('default', urlOfKeys(settings), report),
  };
}

/** Issuers of `--extra-jwt-issuers`, one entry per `iss`. */
export function extraIssuersOf(settings: Settings, report: MigrationReport): Map<string, IssuerInput> {
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
        ...caOf(settings, report),
        algorithms: ['RS256'],
        clockSkew: '0s',
        ...insecureHttpOf(extraName(index), iss, report),
      },
    ]),
  );
}

function keysOf(settings: Settings, report: MigrationReport): Pick<IssuerInput, 'jwksUri' | 'keys'> {
  const url = settings.text('oidc-jwks-url');
  const [file, ...more] = settings.list('oidc-public-key-file');
  if (url !== undefined && file !== undefined)
    report.fail('--oidc-jwks-url and --oidc-public-key-file cannot be combined: keep one of them');
  if (!settings.on('skip-oidc-discovery')) {
    const why = 'oauth2-proxy ignores it without --skip-oidc-discovery';
    for (const name of ['oidc-jwks-url', 'oidc-public-key-file']) report.say(name, 'not needed', why);
    return {};
  }
  if (url !== undefined) return { jwksUri: url };
  if (file === undefined) {
    report.fail('--skip-oidc-discovery needs --oidc-jwks-url or --oidc-public-key-file');
    return {};
  }
  if (more.length > 0)
    report.say(
      'oidc-public-key-file',
      'not supported',
      'issuers.default.keys holds one key: the first file is used; to use all, put them into one JWK Set and set issuers.default.jwks',
    );
  return { keys: file };
}

/** The URL that the keys are fetched from. Undefined if they come from a file. */
function urlOfKeys(settings: Settings): string | undefined {
  return settings.on('skip-oidc-discovery')
    ? settings.text('oidc-jwks-url')
    : settings.text('oidc-issuer-url');
}

function insecureHttpOf(
  name: string,
  url: string | undefined,
  report: MigrationReport,
): Pick<IssuerInput, 'allowInsecureHttp'> {
  if (url === undefined || !URL.canParse(url)) return {};
  const parsed = new URL(url);
  if (parsed.protocol !== 'http:' || mayBeAsked(parsed, false)) return {};
  report.warn(
    `issuers.${name}.allowInsecureHttp: its keys are fetched over plain http, so an attacker on the network can replace them and sign tokens: use https`,
  );
  return { allowInsecureHttp: true };
}

/**
 * Without a list, oauth2-proxy uses the algorithms that the provider announces, or RS256. RS256 alone is not
 * weaker.
 */
function algorithmsOf(settings: Settings, report: MigrationReport): readonly AlgorithmName[] {
  const named = settings.list('oidc-enabled-signing-alg');
  if (named.some((name) => !/^(?:[RPEH]S(?:256|384|512)|EdDSA)$/.test(name)))
    report.fail('--oidc-enabled-signing-alg has an algorithm that oauth2-proxy does not support');
  const known = named.filter(isAlgorithm);
  const why =
    'HS256, HS384 and HS512 are not supported, because the issuer and the verifier share their secret';
  if (named.length > 0 && known.length === 0) report.refuse('oidc-enabled-signing-alg', why);
  else if (known.length < named.length)
    report.say('oidc-enabled-signing-alg', 'not supported', `${why}: the other algorithms are kept`);
  return known.length > 0 ? known : ['RS256'];
}

function caOf(settings: Settings, report: MigrationReport): Pick<IssuerInput, 'ca'> {
  const [file, ...more] = settings.list('provider-ca-file');
  if (file === undefined) return {};
  if (more.length > 0)
    report.say(
      'provider-ca-file',
      'not supported',
      'only the first file is used as issuers.*.ca: put all into one file',
    );
  if (settings.on('use-system-trust-store'))
    report.say(
      'use-system-trust-store',
      'not supported',
      'issuers.*.ca replaces the certificate authorities of the system: add those that you need to the same file',
    );
  return { ca: file };
}
