import { type IssuerConfig, tokenProfile } from '../config/issuer-schema.ts';
import { type BindingName, bindingNames, proofs } from '../core/binding/bind.ts';
import { credentials } from '../core/token/credential.ts';
import { acceptsIssuer } from '../core/token/issuers.ts';
import type { ProfileName } from '../core/token/profiles.ts';
import type { TokenKind } from '../core/token/verified-token.ts';
import { listed } from '../lib/excerpt.ts';
import type { Found, PlacedRule, Subject } from './finding.ts';

/** What a rule accepts that matters for its proofs. */
interface Accepted extends PlacedRule {
  /** The kinds of tokens that its issuers issue, and that count where the rule reads the token. */
  readonly kinds: ReadonlySet<TokenKind>;
  /** For each proof why it can never hold. */
  readonly obstacles: ReadonlyMap<BindingName, string>;
}

/** Rules without a proof that can hold. They deny every request that brings a token. */
export function findUnprovableRules(subject: Subject): readonly Found[] {
  return readRules(subject)
    .filter(({ rule, obstacles }) => rule.binding.every((name) => obstacles.has(name)))
    .map(({ rule, written, path, obstacles }) => {
      const isWritten = written.require?.binding !== undefined;
      const others = bindingNames.filter((name) => name !== 'none' && !obstacles.has(name));
      return {
        path: isWritten ? [...path, 'require', 'binding'] : [...path, 'name'],
        message: `no token can be proven: ${whyNot(rule.binding, obstacles)}; ${others.length > 0 ? `accept ${listed(others)} in require.binding` : 'accept another issuer in require.issuers'}`,
        // What is observed passes, and without a token there is nothing to prove.
        ...((rule.observation || rule.tokenIsOptional) && { severity: 'warning' as const }),
      };
    });
}

/** Proofs that somebody wrote into a rule, and that can never hold there. */
export function findUselessProofs(subject: Subject): readonly Found[] {
  return readRules(subject)
    .filter(({ rule, obstacles }) => rule.binding.some((name) => !obstacles.has(name)))
    .flatMap(({ written, path, obstacles }) =>
      (written.require?.binding ?? []).flatMap((name, at): Found[] =>
        obstacles.has(name)
          ? [
              {
                path: [...path, 'require', 'binding', at],
                message: `${whyNot([name], obstacles)}: remove it, or accept another issuer in require.issuers`,
              },
            ]
          : [],
      ),
    );
}

/** Ways to ask over HTTP that never bring a peer, if some rule has only proofs that need one. */
export function findPeerlessDoors(subject: Subject): readonly Found[] {
  const { listen, http, peers } = subject.config;
  if (!listen.http) return [];
  const asking = readRules(subject).filter(({ rule }) =>
    rule.binding.every((name) => proofs[name].needsPeer),
  );
  if (asking.length === 0) return [];
  const rules = `the ${asking.length > 1 ? 'rules' : 'rule'} ${listed(asking.map(({ rule }) => rule.name))}`;
  const say = (path: Found['path'], remedy: string): Found => ({
    path,
    message: `a check here never has a peer, so ${rules} can allow none: ${remedy}`,
  });
  const asksEnvoy = http.pathPrefix !== undefined || http.forwardAuth.length === 0;
  const isBlind = http.xfcc === 'none' && !peers.from.includes('x-client-certificate');
  return [
    ...(asksEnvoy && isBlind ? [say(['listen', 'http'], 'set http.xfcc')] : []),
    ...http.forwardAuth.flatMap(({ certificateHeader }, at) =>
      certificateHeader === undefined ? [say(['http', 'forwardAuth', at], 'set certificateHeader')] : [],
    ),
  ];
}

/** The rules that read tokens. Without an issuer, another check says so. */
function readRules({ config, rules }: Subject): readonly Accepted[] {
  const kindsOf = Object.entries(config.issuers).map(([name, issuer]) => [name, kindOf(issuer)] as const);
  if (kindsOf.length === 0) return [];
  return rules
    .filter(({ rule }) => rule.match.protocol === 'http' && !rule.public)
    .flatMap((placed) => {
      const { issuers, credential } = placed.rule;
      if (credential === 'client-certificate') return [];
      const accepted = kindsOf.filter(([name]) => acceptsIssuer(issuers, name)).map(([, kind]) => kind);
      const kinds = new Set(accepted.filter((kind) => credentials[credential].kinds.has(kind)));
      return { ...placed, kinds, obstacles: obstaclesTo(kinds) };
    });
}

function obstaclesTo(kinds: ReadonlySet<TokenKind>): Accepted['obstacles'] {
  const tokens = kinds.size > 0 ? `tokens of the kind ${listed([...kinds])}` : 'the tokens of these issuers';
  const isUseless = (name: BindingName) => !proofs[name].kinds.some((kind) => kinds.has(kind));
  return new Map(bindingNames.filter(isUseless).map((name) => [name, `not for ${tokens}`]));
}

function whyNot(names: readonly BindingName[], obstacles: Accepted['obstacles']): string {
  const [first = 'none'] = names;
  return `${names.join(' and ')} ${names.length > 1 ? 'are' : 'is'} ${obstacles.get(first)}`;
}

/** Undefined: it depends on who verifies the token. */
const kindsOfProfiles: Readonly<Record<ProfileName, TokenKind | undefined>> = {
  'service-account': 'service-account',
  'jwt-svid': 'jwt-svid',
  wit: 'workload-identity-token',
  'at+jwt': undefined,
  'id-token': undefined,
  any: undefined,
};

function kindOf(issuer: IssuerConfig): TokenKind {
  const isAsked = issuer.introspection !== undefined || issuer.kubernetes?.verify === 'tokenReview';
  return kindsOfProfiles[tokenProfile(issuer)] ?? (isAsked ? 'opaque-token' : 'access-token');
}
