import type { ConfigDraft } from '../config/draft.ts';
import { type CheckedConfig, checkDocument } from '../config/load.ts';
import type { Door } from '../core/check.ts';
import { Denial } from '../core/denial.ts';
import type { Evidence } from '../core/evidence.ts';
import type { ReasonName } from '../core/reasons.ts';
import type { DecisionLine } from '../decision-lines/decision-line.ts';
import { createJudge } from '../trial/judge.ts';
import { createTrial, type Trial, type TrialRequest } from '../trial/trial.ts';
import { placeOf } from './change.ts';
import type { Recorded } from './explanation.ts';
import { throughHttpDoor } from './http-door.ts';
import { presentedToken } from './presented-token.ts';
import { refusedIn } from './refused.ts';
import { remedies } from './remedies.ts';
import { isWhole, requestOfLine, surroundingsOf, withClaims } from './request-of-line.ts';
import { sentenceOf } from './sentence.ts';
import { isRefusal } from './step.ts';
import { type Told, toldByLine, toldByTrial } from './told.ts';
import type { Trials, Tried } from './trials.ts';

/**
 * Tries a made-up request: it is made again for each configuration, with the issuers of that one.
 * @param line what it must be like
 */
function createLikeTrials(line: DecisionLine, told: Told, now: number): Trials {
  return {
    now,
    async try(draft) {
      const loaded = checkDocument(draft.document, draft.file, 'none', draft.teams);
      const trial = createTrial(loaded, now);
      const judge = createJudge(trial.policy, now);
      const tryFor = async (rule: string | undefined): Promise<Tried> => {
        const made = await trial.evidence(
          await lengthened(requestOfLine(line, told, loaded, rule), told, trial),
        );
        const evidence =
          line.door === 'http' ? throughHttpDoor(made, loaded, surroundingsOf(line, loaded, rule)) : made;
        return {
          draft,
          loaded,
          policy: trial.policy,
          evidence,
          decision: await judge(evidence),
          unverified: [],
        };
      };
      const tried = await tryFor(told.rule);
      // Which rule covers the request with a change is known only now.
      const found = tried.decision.found.rule?.name;
      return told.rule === undefined && found !== undefined ? tryFor(found) : tried;
    },
  };
}

/** Characters. No door reads a longer token, and the line may be anybody's. */
const longest = 1_048_576;

/**
 * A token that was too long is made as long as the one that the line tells of, or up to two characters longer:
 * base64 makes four characters of three bytes.
 */
async function lengthened(request: TrialRequest, { reason, detail }: Told, trial: Trial) {
  const length = reason === 'token_too_large' ? Math.min(Number.parseInt(detail ?? '', 10), longest) : 0;
  if (!(length > 0)) return request;
  const padded = (bytes: number) => withClaims(request, { trial: 'x'.repeat(bytes) });
  const evidence = await trial.evidence(padded(0));
  const route = trial.policy.routes.match(evidence);
  const rule = route instanceof Denial ? undefined : route.rule;
  const { text = '' } = presentedToken(evidence, rule) ?? {};
  return padded(Math.max(0, Math.ceil((length - text.length) * 0.75)));
}

/**
 * What a line of the log says, and a trial of a request like it. If the trial ends in another way than the
 * line, the configuration has changed since, or the line says too little: then nothing is proposed.
 * @param loaded the configuration of `draft`
 * @returns undefined if the reason is unknown, as in a line of a later version
 */
export async function readRecorded(
  line: DecisionLine,
  draft: ConfigDraft,
  now: number,
  loaded = checkDocument(draft.document, draft.file, 'here', draft.teams),
): Promise<Recorded | undefined> {
  const told = toldByLine(line, loaded);
  if (!told) return undefined;
  const recorded = { told, decisionId: line.decision_id ?? '', door: doorOf(line), loaded, now };
  const notes = notesOf(line, told, loaded);
  if (!isWhole(line, told) || told.effect === 'unavailable' || !isRefusal(told.reason))
    return { ...recorded, notes, evidence: undefined, likewise: undefined };
  const trials = createLikeTrials(line, told, now);
  const tried = await trials.try(draft);
  const isAlike = refusedIn(tried.decision)?.reason === told.reason;
  const isTelling = isChangeable(told.reason);
  const today = sentenceOf(toldByTrial(tried), loaded.config);
  return {
    ...recorded,
    notes: isAlike || !isTelling ? notes : [...notes, `${unlike} ${today}`],
    // The line of a request that no rule covers holds all that rules are compared with.
    evidence: told.reason === 'no_rule' ? bare(tried.evidence) : undefined,
    likewise: isAlike ? { trials, tried } : undefined,
  };
}

const unlike =
  'a request like this one ends in another way here, because the configuration has changed since, or because the line does not say enough:';

/** Over gRPC, the answer is as Peerproof means it. */
function doorOf({ door }: DecisionLine): Door {
  return door === 'http' || door === 'forward-auth' ? door : 'grpc';
}

/** Without what was made up. */
function bare({ request, destination, context }: Evidence): Evidence {
  return { ...(request && { request: { ...request, headers: {} } }), destination, context, peer: {} };
}

function isChangeable(reason: ReasonName): boolean {
  return isRefusal(reason) && remedies[reason].changes.length > 0;
}

function notesOf(line: DecisionLine, { rule }: Told, { version, config }: CheckedConfig): readonly string[] {
  const notes: string[] = [];
  if (line.config_version !== undefined && line.config_version !== version)
    notes.push(
      `the decision was made with the configuration ${line.config_version}, and this one is ${version}; the files that it names count too`,
    );
  if (rule !== undefined && !placeOf(config, rule)) notes.push(`this configuration has no rule ${rule}`);
  return notes;
}
