import { type MadeCaller, withClaim } from './caller.ts';
import { changeBetween, keyOf, type VerdictChange } from './finding.ts';
import type { Probe } from './probes.ts';
import type { JudgeBoth } from './verdict.ts';

/**
 * Leaves out of a request whatever does not matter: the finding stays the same without it. The caller of the
 * shortest request is the easiest to understand.
 */
export async function shrink(finding: VerdictChange, judge: JudgeBoth): Promise<VerdictChange> {
  let shortest = finding;
  const key = keyOf(finding.change, finding.verdicts);
  const attempt = async (probe: Probe, caller: MadeCaller) => {
    const verdicts = await judge(probe, caller);
    const change = changeBetween(verdicts);
    if (change === undefined || keyOf(change, verdicts) !== key) return;
    shortest = { ...shortest, probe, caller, verdicts };
  };
  for (const without of reductions(finding)) {
    const { probe, caller } = without(shortest);
    await attempt(probe, caller);
  }
  return shortest;
}

type Reduction = (finding: VerdictChange) => Pick<VerdictChange, 'probe' | 'caller'>;

/** Claims that every token of an ordinary issuer has. */
const ordinary = ['iss', 'aud', 'iat', 'exp', 'sub', 'jti', 'kubernetes.io'];

function reductions({ caller: { headers = {}, token, request = {} } }: VerdictChange): readonly Reduction[] {
  return [
    ({ probe, caller }) => ({ probe, caller: { ...caller, token: undefined } }),
    ({ probe, caller }) => ({ probe, caller: { ...caller, peer: undefined } }),
    ({ probe: { context: _, ...probe }, caller }) => ({ probe, caller }),
    ({ probe: { destination: _, ...probe }, caller }) => ({ probe, caller }),
    ({ probe, caller }) =>
      probe.protocol === 'tcp' ? { probe, caller } : { probe: { ...probe, path: '/' }, caller },
    ...Object.keys(request).map(
      (name): Reduction =>
        ({ probe, caller }) => ({
          probe,
          caller: { ...caller, request: { ...caller.request, [name]: probe[name as 'path'] } },
        }),
    ),
    ...Object.keys(headers).map(
      (name): Reduction =>
        ({ probe, caller }) => {
          const { [name]: _, ...rest } = caller.headers ?? {};
          return { probe, caller: { ...caller, headers: rest } };
        },
    ),
    ...Object.keys(token?.claims ?? {})
      .filter((name) => !ordinary.includes(name))
      .map(
        (name): Reduction =>
          ({ probe, caller }) => ({ probe, caller: withClaim(caller, [name], undefined) }),
      ),
  ];
}
