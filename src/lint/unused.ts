import { isOfClient } from '../core/token/credential.ts';
import type { Found, Subject } from './finding.ts';

/** Issuers whose tokens no rule accepts. */
export function findUnusedIssuers({ config, rules }: Subject): readonly Found[] {
  const asking = rules.filter(
    ({ rule }) => !rule.public && rule.match.protocol === 'http' && rule.credential !== 'client-certificate',
  );
  if (asking.some(({ rule }) => rule.issuers.length === 0)) return [];
  const used = new Set(asking.flatMap(({ rule }) => rule.issuers));
  // The proof of another token may need the WITs of any trust domain.
  const provesWits = asking.some(({ rule }) => rule.binding.includes('wit') && rule.credential !== 'wit');
  return Object.entries(config.issuers)
    .filter(([name, { accept }]) => !used.has(name) && !(provesWits && accept === 'wit'))
    .map(([name]) => name)
    .map((name) => ({
      path: ['issuers', name],
      message: 'no rule accepts its tokens: name it in require.issuers, or remove it',
    }));
}

/** Clients that no rule asks about: only the proof `workload`, rules for token endpoints and `actors` use `clients`. */
export function findUnusedClients({ config, rules }: Subject): readonly Found[] {
  const asking = rules.filter(
    ({ rule }) =>
      !rule.public &&
      rule.match.protocol === 'http' &&
      (rule.binding.includes('workload') || isOfClient(rule.credential)),
  );
  const anyIssuer = asking.some(({ rule }) => rule.issuers.length === 0);
  const asked = new Set(asking.flatMap(({ rule }) => rule.issuers));
  const grants = rules.flatMap(({ rule }) => rule.actors?.allow ?? []);
  const acting = new Set(grants.flatMap(({ who }) => who.map(({ text }) => text)));
  return Object.entries(config.clients)
    .filter(
      ([id, { issuers }]) =>
        !acting.has(id) &&
        !anyIssuer &&
        (issuers ? !issuers.some((name) => asked.has(name)) : asked.size === 0),
    )
    .map(([id]) => ({
      path: ['clients', id],
      message:
        'no rule uses it: accept the proof workload in require.binding for its issuer, or remove the client',
    }));
}
