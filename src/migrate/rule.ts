import type { AudienceRule } from './audience.ts';
import type { GroupRule } from './groups.ts';
import type { MigrationReport } from './report.ts';
import type { RuleInput } from './routes.ts';

/**
 * The rule for every request with a token. It does **not** check the sender, because oauth2-proxy does not.
 * If a restriction could not be carried over, it denies.
 */
export function bearerRuleOf(
  audience: AudienceRule,
  groups: GroupRule,
  emailDomains: readonly string[],
  conditions: readonly string[],
  report: MigrationReport,
): RuleInput {
  const lists = { ...audience.claims, ...groups.claims };
  if (Object.keys(audience.claims).some((claim) => Object.hasOwn(groups.claims, claim)))
    report.refuse('oidc-audience-claim', 'the groups are in the same claim');
  const claims = Object.fromEntries(Object.entries(lists).map(([claim, values]) => [claim, [...values]]));
  const all = report.denies ? ['false'] : [...audience.when, ...groups.when, ...conditions];
  report.warn(
    'rule bearer: binding: [none] lets a stolen token pass, because oauth2-proxy does not check who sends a token. TIGHTEN THIS: set binding: [certificate, workload] in this rule, and peers: {trustDomains: {cluster.local: {}}}. Envoy must send the identity of the sender: use the gRPC port, or put a sidecar before Peerproof and set http: {xfcc: {sidecar: "spiffe://cluster.local/ns/<namespace>/sa/<ServiceAccount>"}} to the ID of Peerproof itself',
  );
  return {
    name: 'bearer',
    require: {
      ...(Object.keys(claims).length > 0 && { claims }),
      ...(emailDomains.length > 0 && { emailDomains: [...emailDomains] }),
      ...(all.length > 0 && {
        when: all.length === 1 ? (all[0] as string) : all.map((one) => `(${one})`).join(' && '),
      }),
      binding: ['none'],
    },
  };
}
