import type { Logger } from 'pino';
import { createCheck, type Door, type Observer } from '../core/check.ts';
import type { Decision } from '../core/decision.ts';
import type { Evidence } from '../core/evidence.ts';
import type { Policy } from '../core/judgement.ts';
import { whenHere } from '../lib/soon.ts';
import { cut } from '../operate/json-line.ts';
import type { Comparison } from '../operate/metrics.ts';

/** A second configuration that judges a share of the checks, and decides none. */
export interface Shadow {
  readonly policy: Policy;
  /** Of the checks, from 0 to 1. */
  readonly share: number;
}

export interface ShadowOptions {
  /** The shadow of the running configuration. */
  readonly current: () => Shadow | undefined;
  readonly clock: () => number;
  readonly count: (result: Comparison) => void;
  readonly log: Logger;
  /** From 0 to 1. */
  readonly random?: () => number;
}

/** Checks that wait to be judged again. One is judged in each turn of the event loop. */
const mostWaiting = 100;
/** Characters that they hold together. A check of a usual size has 4,000, and a caller can send 400,000. */
const mostHeld = 4_194_304;

interface Waiting {
  readonly policy: Policy;
  readonly decision: Decision;
  readonly evidence: Evidence;
  readonly door: Door;
  readonly size: number;
}

const silent: Observer = { started: () => undefined, decided: () => undefined };

/**
 * Judges checks a second time, by the shadow of the running configuration. Logs each decision that differs in
 * effect or reason. The answer is sent before: HTTP answers leave at the end of a turn, so a check is judged
 * in a later one. A check is skipped if too many wait, and if either decision is an outage, which says
 * nothing about the rules. So is a proof that was used before, which the shadow cannot know. Checks that
 * could not be read are not counted. The function returns at once and never throws.
 */
export function createShadow({ current, clock, count, log, random = Math.random }: ShadowOptions) {
  const waiting: Waiting[] = [];
  let held = 0;
  const judge = createCheck({
    // Judged only while there is one.
    policy: () => (current() as Shadow).policy,
    observer: silent,
    clock,
    stopwatch: () => 0,
    newId: () => '',
    limits: () => ({ checkTimeout: 1_000 }),
  });
  return (decision: Decision, evidence: Evidence, door: Door): void => {
    const shadow = current();
    if (!shadow || evidence.flaw || evidence.outage || random() >= shadow.share) return;
    const size = sizeOf(evidence);
    const isFull = waiting.length >= mostWaiting || held + size > mostHeld;
    if (decision.effect === 'unavailable' || decision.reason === 'proof_replayed' || isFull) {
      count('skipped');
      return;
    }
    held += size;
    if (waiting.push({ policy: shadow.policy, decision, evidence, door, size }) === 1)
      setImmediate(judgeLater);
  };

  function judgeLater(): void {
    setImmediate(judgeNext);
  }

  function judgeNext(): void {
    const next = waiting.shift();
    held -= next?.size ?? 0;
    if (waiting.length > 0) setImmediate(judgeNext);
    // Another shadow may read headers that the door has passed over.
    if (!next || current()?.policy !== next.policy) return;
    const { decision, evidence, door } = next;
    void whenHere(judge(evidence, door, Number.POSITIVE_INFINITY), (other) => compare(decision, other));
  }

  function compare(one: Decision, other: Decision): void {
    const isSame = one.effect === other.effect && one.reason === other.reason;
    count(other.effect === 'unavailable' ? 'skipped' : isSame ? 'same' : 'different');
    if (isSame || other.effect === 'unavailable') return;
    log.info(
      {
        event: 'shadow_difference',
        decision_id: one.id,
        ...{ effect: one.effect, reason: one.reason, rule: one.found.rule?.name },
        ...{ shadow_effect: other.effect, shadow_reason: other.reason, shadow_rule: other.found.rule?.name },
        shadow_detail: cut('detail' in other ? other.detail : undefined),
      },
      'the shadow decides otherwise',
    );
  }
}

/** The characters that a caller chooses, but for names that are short. */
function sizeOf({ request, peer }: Evidence): number {
  let size = (peer.certificate?.length ?? 0) + (peer.principal?.length ?? 0);
  if (!request) return size;
  const { path, body = '', headers } = request;
  size += path.length + body.length;
  for (const name of Object.keys(headers)) size += name.length + (headers[name]?.length ?? 0);
  return size;
}
