import type { Decision } from '../core/decision.ts';
import type { Judge } from '../trial/judge.ts';
import type { CallerToken, MadeCaller } from './caller.ts';
import type { Probe } from './probes.ts';
import type { Side } from './side.ts';

/** What one side says of a request. */
export interface SideVerdict {
  readonly effect: Decision['effect'];
  readonly rule?: string | undefined;
  readonly reason: Decision['reason'];
  readonly detail?: string | undefined;
  /** Of an allow: the headers that the application receives. A token in them is left out. */
  readonly identity?: Readonly<Record<string, string>>;
}

/** Judges the same request on both sides. */
export type JudgeBoth = (probe: Probe, caller: MadeCaller) => Promise<readonly [SideVerdict, SideVerdict]>;

/**
 * Prepares trials of both sides. The sender and the claims are the same on both. Each side gets a token that
 * its own issuer made, if it has that issuer, else one that the issuer of the other side made.
 * @param judgeOf returns the check of a side
 */
export function createJudgeBoth(sides: readonly [Side, Side], judgeOf: (side: Side) => Judge): JudgeBoth {
  const [before, after] = sides;
  const [judgeBefore, judgeAfter] = [judgeOf(before), judgeOf(after)];
  const minted = new Map<Side, Map<string, string>>(sides.map((side) => [side, new Map()]));

  return async (probe, caller) => [
    await judge(before, after, judgeBefore, probe, caller),
    await judge(after, before, judgeAfter, probe, caller),
  ];

  async function judge(
    side: Side,
    other: Side,
    check: Judge,
    probe: Probe,
    { token, client, headers, peer, request }: MadeCaller,
  ): Promise<SideVerdict> {
    const text = token && (await textFor(side, other, token));
    const evidence = await side.trial.evidence({
      ...{ ...probe, ...request, headers, peer, client },
      ...(token && { token: { ...token, text } }),
    });
    return verdictOf(await check(evidence), text);
  }

  async function textFor(side: Side, other: Side, token: CallerToken): Promise<string> {
    const maker = side.issuers.has(token.issuer) ? side : other;
    const known = minted.get(maker);
    const key = JSON.stringify([token.issuer, token.typ, token.claims]);
    const text = known?.get(key) ?? (await maker.issuers.get(token.issuer)?.seal(token.claims, token.typ));
    if (text === undefined) throw new TypeError(`neither side has the issuer ${token.issuer}`);
    known?.set(key, text);
    return text;
  }
}

function verdictOf(decision: Decision, token: string | undefined): SideVerdict {
  const { effect, reason, found } = decision;
  const rule = found.rule?.name;
  if (decision.effect === 'answer') return { effect, rule, reason };
  if (decision.effect !== 'allow') return { effect, rule, reason, detail: decision.detail };
  const shown = (value: string) => (token === undefined ? value : value.replaceAll(token, '(the token)'));
  const set = decision.identity.set.map(([name, value]) => [name, shown(value)] as const);
  // A name with `_` is only another spelling.
  const names = decision.identity.remove.names.filter((name) => !name.includes('_'));
  const removed = names.map((name) => [name, '(removed)'] as const);
  return { effect, rule, reason, identity: Object.fromEntries([...removed, ...set]) };
}
