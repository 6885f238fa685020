import type { ConfigDraft } from '../config/draft.ts';
import type { CheckedConfig } from '../config/load.ts';
import type { Door } from '../core/check.ts';
import type { Decision } from '../core/decision.ts';
import type { Evidence } from '../core/evidence.ts';
import { createRefusal } from '../core/refusal.ts';
import { httpAnswerOf } from '../http/check-response.ts';
import { stylesOf } from '../http/settings.ts';
import { createRules } from '../serve/create-policy.ts';
import { headerOf } from '../serve/internal-token.ts';
import { causes } from './causes.ts';
import { type ExplainedToken, explainInternalToken } from './internal-token.ts';
import { masked, maskedHeader } from './mask.ts';
import { type Proposals, proposeChanges } from './proposals.ts';
import { type Remedy, remedies } from './remedies.ts';
import { sentenceOf } from './sentence.ts';
import { isRefusal, type Step } from './step.ts';
import { stepsOf } from './steps.ts';
import { type Told, toldByTrial } from './told.ts';
import type { Trials, Tried } from './trials.ts';

/** Why a check was decided as it was. */
export interface Explanation {
  readonly told: Told;
  readonly sentence: string;
  readonly steps: readonly Step[];
  readonly answer: ExplainedAnswer;
  /** Absent unless the configuration has `identity.token`, and the request is here and allowed. */
  readonly internalToken?: ExplainedToken;
  /** What was believed and not verified, or not known. */
  readonly notes: readonly string[];
  /** Absent for an allow. */
  readonly remedy?: {
    readonly cause: string;
    readonly todo: string;
    readonly who: Remedy['who'];
    readonly proposals: Proposals;
  };
}

/** What the proxy gets: an answer for the client, or headers for the application. */
export interface ExplainedAnswer {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

/** Explains the decision about a request that is here. */
export async function explainRequest(
  trials: Trials,
  draft: ConfigDraft,
  showSecrets: boolean,
): Promise<Explanation> {
  const tried = await trials.try(draft);
  const { loaded, decision, evidence, unverified } = tried;
  const told = toldByTrial(tried);
  const internalToken = explainInternalToken(tried);
  return {
    told,
    sentence: sentenceOf(told, loaded.config),
    steps: stepsOf({ told, config: loaded.config, evidence, now: trials.now, showSecrets }),
    answer: answerOf(decision, loaded, { door: 'grpc', showSecrets }),
    ...(internalToken && { internalToken }),
    notes: unverified,
    ...(await remedyOf(told, { trials, tried })),
  };
}

/** What is known of a decision in a log, and the trial of a request like it. */
export interface Recorded {
  readonly told: Told;
  readonly decisionId: string;
  /** Where the proxy asked: the answers differ. */
  readonly door: Door;
  readonly loaded: CheckedConfig;
  /** The evidence as far as the line tells it. */
  readonly evidence: Evidence | undefined;
  readonly notes: readonly string[];
  /** Undefined if the line says too little. */
  readonly likewise: { readonly trials: Trials; readonly tried: Tried } | undefined;
  readonly now: number;
}

/** Explains a line of the decision log. */
export async function explainRecorded(recorded: Recorded, showSecrets: boolean): Promise<Explanation> {
  const { told, decisionId, door, loaded, evidence, notes, likewise, now } = recorded;
  const rule = createRules(loaded.config).find(({ name }) => name === told.rule);
  const { effect, reason, detail } = told;
  const hint = reason === 'scope_missing' && rule ? { scope: rule.scopes.join(' ') } : undefined;
  // Only a proof that came is refused for what it says, and only the proof by DPoP has a scheme of its own.
  const scheme = reason.startsWith('proof_') && detail?.startsWith('dpop:') ? 'dpop' : undefined;
  const decision = { id: decisionId, effect, reason, detail, hint, found: { rule, scheme } } as Decision;
  return {
    told,
    sentence: sentenceOf(told, loaded.config),
    steps: stepsOf({ told, config: loaded.config, evidence, now, showSecrets }),
    answer:
      isRefusal(reason) && effect !== 'allow'
        ? answerOf(decision, loaded, { door, showSecrets })
        : allowed([]),
    notes,
    ...(await remedyOf(told, likewise)),
  };
}

async function remedyOf(told: Told, likewise: Recorded['likewise']): Promise<Pick<Explanation, 'remedy'>> {
  const { reason } = told;
  if (!isRefusal(reason)) return {};
  const [cause, todo] = causes[reason];
  const proposals = likewise
    ? await proposeChanges(likewise.trials, likewise.tried)
    : { found: [], obstacle: undefined };
  return { remedy: { cause, todo, who: remedies[reason].who, proposals } };
}

function answerOf(
  decision: Decision,
  { config }: CheckedConfig,
  { door, showSecrets }: { readonly door: Door; readonly showSecrets: boolean },
): ExplainedAnswer {
  if (decision.effect === 'answer') return decision.answer;
  if (decision.effect !== 'allow') {
    const { check, forwardAuth } = stylesOf(config);
    if (door === 'grpc') return createRefusal(decision, check.refusals);
    return httpAnswerOf(decision, door === 'http' ? check : forwardAuth);
  }
  const { token } = config.identity;
  // Nobody brought it, so nobody knows it yet: it is never shown.
  const own = token && headerOf(token);
  const { set } = decision.identity;
  return allowed(
    set.map(([name, value]) => [
      name,
      name === own ? masked(value) : showSecrets ? value : maskedHeader(name, value),
    ]),
  );
}

function allowed(headers: ExplainedAnswer['headers']): ExplainedAnswer {
  return { status: 200, headers, body: '' };
}
