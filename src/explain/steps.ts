import type { Config } from '../config/schema.ts';
import type { Evidence } from '../core/evidence.ts';
import type { ReasonName } from '../core/reasons.ts';
import { createRules } from '../serve/create-policy.ts';
import { describeBinding } from './binding-step.ts';
import { masked, maskedHeader, maskedPath } from './mask.ts';
import { describePeer } from './peer-step.ts';
import { describePerson, describeRequirements } from './requirements-step.ts';
import { rulesTried } from './rules-tried.ts';
import { type Step, type StepName, stepNames, stepOf } from './step.ts';
import type { StepView } from './step-view.ts';
import { describeToken } from './token-step.ts';
import type { Told } from './told.ts';

/** What is known of a check: its evidence is missing if only a line of the log is here. */
export interface KnownCheck {
  readonly told: Told;
  readonly config: Config;
  readonly evidence: Evidence | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly showSecrets: boolean;
}

/** The steps of a check as they were taken, with both sides of what each one compared. */
export function stepsOf({ told, config, evidence, now, showSecrets }: KnownCheck): readonly Step[] {
  const rule = createRules(config).find(({ name }) => name === told.rule);
  const show = showSecrets ? (secret: string) => secret : masked;
  const view: StepView = { told, config, evidence, now, rule, show, showSecrets };
  const end = stepOf(told.reason);
  const last = stepNames.indexOf(end ?? lastOf[told.reason] ?? 'answer');
  return stepNames
    .filter((name) => name !== 'answer')
    .map((name, index) => ({
      name,
      outcome: name === end ? 'stopped' : index < last ? 'passed' : index === last ? 'passed' : 'not reached',
      lines: index <= last ? steps[name](view) : [],
    }));
}

/** Checks that end early without a refusal. */
const lastOf: Partial<Readonly<Record<ReasonName, StepName>>> = {
  public: 'route',
  anonymous: 'token',
  metadata_served: 'presented',
};

const steps: Readonly<Record<StepName, (view: StepView) => readonly string[]>> = {
  presented: describeRequest,
  route: describeRoute,
  peer: describePeer,
  token: describeToken,
  binding: describeBinding,
  person: describePerson,
  requirements: describeRequirements,
  answer: () => [],
};

function describeRequest({ told, evidence, showSecrets }: StepView): readonly string[] {
  const { method, host, path, destination } = told;
  const whole = showSecrets ? evidence?.request?.path : maskedPath(evidence?.request?.path ?? path ?? '');
  const port = evidence?.destination.port;
  const lines = [
    method === undefined && host === undefined
      ? `a connection${port ? ` to port ${port}` : ''}`
      : `${method ?? ''} ${host ?? ''} ${whole ?? ''}`,
  ];
  if (destination !== undefined) lines.push(`sent to ${destination}${port ? `, port ${port}` : ''}`);
  for (const [name, value] of Object.entries(evidence?.context ?? {}))
    lines.push(`context ${name}: ${value}`);
  const headers = Object.entries(evidence?.request?.headers ?? {});
  for (const [name, value] of headers.slice(0, mostHeaders))
    lines.push(`${name}: ${showSecrets ? value : maskedHeader(name, value)}`);
  if (headers.length > mostHeaders) lines.push(`and ${headers.length - mostHeaders} more headers`);
  return lines;
}

const mostHeaders = 20;
const mostRules = 20;

function describeRoute({ told, config, evidence }: StepView): readonly string[] {
  const tried = evidence ? rulesTried(config, evidence, told.rule) : [];
  // The nearest ones are the most telling.
  const shown = new Set(tried.toSorted((a, b) => a.misses.length - b.misses.length).slice(0, mostRules));
  const lines = tried
    .filter((one) => shown.has(one))
    .map(
      ({ rule: { name }, misses }) =>
        `not ${name}: ${misses.map(({ part, why }) => `${part} ${why}`).join('; ')}`,
    );
  if (tried.length > shown.size) lines.push(`and ${tried.length - shown.size} more rules that do not match`);
  if (told.rule !== undefined) lines.push(`the rule ${told.rule} covers the request`);
  return lines;
}
