import type { AudienceRule } from './audience.ts';
import type { GroupRule } from './groups.ts';
import type { MigrationReport } from './report.ts';
import type { RuleInput } from './routes.ts';

/**
 * The rule that every request with a token comes to. It asks nothing of the sender, because oauth2-proxy does not; where a
 * restriction was lost on the way, it denies.
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
    report.refuse('oidc-audience-claim', 'it is also the claim with the groups');
  const claims = Object.fromEntries(Object.entries(lists).map(([claim, values]) => [claim, [...values]]));
  const all = report.denies ? ['false'] : [...audience.when, ...groups.when, ...conditions];
  report.warn(
    'rule bearer: binding: [none] lets a stolen token pass, because oauth2-proxy never asked who sends it. THIS IS WHERE TO TIGHTEN: write binding: [certificate, workload] there and peers: {trustDomains: {cluster.local: {}}}, and let Envoy say who the sender is: over the gRPC door, or in http: {xfcc: {sidecar: "spiffe://cluster.local/ns/<namespace>/sa/<ServiceAccount>"}} with the ID of Peerproof itself, whose sidecar must stand before it',
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
