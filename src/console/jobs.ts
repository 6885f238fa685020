import { createDraft } from '../config/draft.ts';
import { type ConfigSource, restoreDocument } from '../config/load.ts';
import { decisionTime, parseDecisionLine } from '../decision-lines/decision-line.ts';
import { type Explanation, explainRecorded, explainRequest } from '../explain/explanation.ts';
import { readRecorded } from '../explain/likewise.ts';
import { createOfflineTrials, type GivenKeys } from '../explain/offline.ts';
import { reportJson } from '../explain/report.ts';
import { evidenceOfSent, type SentRequest } from '../explain/sent-request.ts';
import { Malformed } from '../lib/malformed.ts';
import { maskedConfiguration, maskedDiff } from './masked-configuration.ts';

/** What the console asks another process to do. */
export type Job =
  | { readonly name: 'mask'; readonly source: ConfigSource }
  | {
      readonly name: 'explain-line';
      readonly source: ConfigSource;
      readonly line: string;
      readonly now: number;
    }
  | {
      readonly name: 'explain-request';
      readonly source: ConfigSource;
      readonly sent: SentRequest;
      /** The keys that are not in the configuration or its files, as JWK Sets. */
      readonly keys: GivenKeys;
      readonly now: number;
    };

/** One row a job. */
const jobs: { readonly [Name in Job['name']]: (job: Extract<Job, { name: Name }>) => Promise<unknown> } = {
  mask: async ({ source }) => maskedConfiguration(source.text, source.file),
  async 'explain-line'({ source, line: text, now }) {
    const line = parseDecisionLine(text);
    if (!line) return new Malformed('This is not a line of the decision log.');
    const draft = createDraft(source.text, source.file);
    const loaded = restoreDocument(draft.document, source, draft.teams);
    const recorded = await readRecorded(line, draft, decisionTime(line) ?? now, loaded);
    if (!recorded)
      return new Malformed(`The reason ${JSON.stringify(line.reason)} is not known to this version.`);
    return shown(await explainRecorded(recorded, false));
  },
  async 'explain-request'({ source, sent, keys, now }) {
    const evidence = evidenceOfSent(sent);
    if (evidence instanceof Malformed)
      return new Malformed(`The certificate is not usable: ${evidence.why}.`);
    const trials = createOfflineTrials(evidence, keys, now, ({ document, teams }) =>
      restoreDocument(document, source, teams),
    );
    return shown(await explainRequest(trials, createDraft(source.text, source.file), false));
  },
};

/** @returns the answer, or a Malformed */
export function doJob(job: Job): Promise<unknown> {
  return (jobs[job.name] as (one: Job) => Promise<unknown>)(job);
}

/**
 * As the command shows it, without the options that only the command has. Changes are shown as the
 * configuration is: masked, and without comments.
 */
function shown({ remedy, ...explanation }: Explanation): unknown {
  const notes = explanation.notes.map((note) => note.replace(/ \(--[^)]*\)/g, ''));
  return JSON.parse(
    reportJson({ ...explanation, notes, ...(remedy && { remedy: withMaskedChanges(remedy) }) }),
  );
}

type RemedyShown = NonNullable<Explanation['remedy']>;

function withMaskedChanges(remedy: RemedyShown): RemedyShown {
  const { proposals } = remedy;
  const found = proposals.found.map((one) => ({ ...one, diff: maskedDiff(one.diff) }));
  return { ...remedy, proposals: { ...proposals, found } };
}
