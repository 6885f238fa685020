import type { Compared } from './compare.ts';
import { describeRequest } from './describe.ts';
import type { ChangeKind, VerdictChange } from './finding.ts';

/** The comparison as JSON, with every finding. */
export function reportJson(comparison: Compared): string {
  const { findings, undecided, leftOut, judged, sides } = comparison;
  const [old, next] = sides.map(({ file }) => file);
  const count = (change: ChangeKind) => findings.filter((finding) => finding.change === change).length;
  return JSON.stringify(
    {
      ...{ old, new: next, judged },
      widens: count('widens'),
      narrows: count('narrows'),
      findings: findings.map((finding) => entry(finding, comparison)),
      notDecided: undecided,
      notLookedAt: leftOut,
    },
    null,
    2,
  );
}

function entry(finding: VerdictChange, { sides }: Compared) {
  const { change, probe, caller, verdicts, alike = [], provided } = finding;
  const asked = { ...probe, ...caller.request };
  const { protocol, destination, port } = asked;
  const { token, client, peer, headers } = caller;
  const names = sides.flatMap(({ issuers }) => issuers.get(token?.issuer ?? '')?.issuer.name ?? []);
  return {
    change,
    request: protocol === 'tcp' ? { protocol, destination, port } : { ...asked, headers },
    peer,
    token: token && { ...token, issuer: names[0] },
    client,
    provided,
    old: verdicts[0],
    new: verdicts[1],
    alike: alike.map((one) => describeRequest({ probe: one, caller: {} })),
  };
}
