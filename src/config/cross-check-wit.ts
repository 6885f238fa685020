import { type JsonObject, listOf, recordOf } from '../lib/json.ts';
import type { RawRule } from './cross-check-routes.ts';

type Say = (path: readonly PropertyKey[], message: string) => void;

/** Settings that cannot mean anything for an issuer of workload identity tokens, and why. */
const impossible: Readonly<Record<string, string>> = {
  kubernetes: 'because a cluster issues ServiceAccount tokens: remove one of them',
  introspection: 'because a WIT is verified with the keys of its trust domain: set jwks or bundleEndpoint',
  allowInsecureNoExpiry: 'because a WIT must expire: remove it',
  allowInsecureNoAudience: 'because the proof of a WIT names the audience: remove it',
};

/**
 * Checks issuers, rules and settings of workload identity tokens against each other. Works on the raw
 * document, like `crossCheck`.
 */
export function crossCheckWit(
  root: JsonObject,
  rules: readonly RawRule[],
  domains: readonly string[],
  say: Say,
): void {
  const issuers = Object.entries(recordOf(root.issuers)).filter(
    ([, value]) => recordOf(value).accept === 'wit',
  );
  const seen = new Map<unknown, string>();
  for (const [name, value] of issuers) {
    const issuer = recordOf(value);
    const path = ['issuers', name];
    for (const [key, why] of Object.entries(impossible))
      if (issuer[key] !== undefined && issuer[key] !== false)
        say([...path, key], `cannot be combined with accept: wit, ${why}`);
    const domain = issuer.trustDomain ?? (domains.length === 1 ? domains[0] : undefined);
    if (domain === undefined)
      say(
        [...path, 'trustDomain'],
        'is missing: set the trust domain that issues these workload identity tokens',
      );
    else if (seen.has(domain))
      say(
        [...path, 'trustDomain'],
        `is also the trust domain of ${seen.get(domain)}: a WIT is verified with the keys of its trust domain, so each must be configured once`,
      );
    seen.set(domain, name);
  }
  const { origins, audiences, drafts } = recordOf(root.wit);
  const speaksBefore = listOf(drafts).includes('wpt-01');
  const knowsTarget = Object.keys(recordOf(origins)).length > 0 || listOf(audiences).length > 0;
  let needsTarget = false;
  for (const { rule, path } of rules) {
    const required = recordOf(rule.require);
    const place = [...path, 'require'];
    const binding = listOf(required.binding);
    const isCredential = required.credential === 'wit';
    if (!isCredential && !binding.includes('wit')) continue;
    needsTarget = true;
    if (issuers.length === 0)
      say(
        [...place, isCredential ? 'credential' : 'binding'],
        'needs an issuer with accept: wit, and there is none',
      );
    if (isCredential && required.binding !== undefined && !binding.every((proof) => proof === 'wit'))
      say([...place, 'binding'], 'must be [wit] with credential: wit: nothing else proves whose WIT it is');
    else if (required.credential === 'client-assertion')
      say(
        [...place, 'binding'],
        'cannot be wit with credential: client-assertion: the client proves itself by mTLS',
      );
    else if (!isCredential && !speaksBefore)
      say(
        [...place, 'binding'],
        'cannot be wit: the token is in Authorization, where wpt-02 has the proof. Set wit.drafts to [wpt-01], or credential to wit',
      );
  }
  if (needsTarget && !knowsTarget)
    say(
      ['wit'],
      'needs origins or audiences: a proof names the service that it is for. Set for example origins: {orders.example.com: https://orders.example.com}',
    );
}
