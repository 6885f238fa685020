import type { RuleCount } from '../operate/tally.ts';
import type { ProcessView } from '../serve/console-source.ts';
import type { ConfigurationFacts } from './configuration-state.ts';
import type { IssuerView } from './issuer-views.ts';
import type { LimitView } from './limit-views.ts';
import { mostFrequent } from './rules-view.ts';

/** A problem that a person should know. */
export interface Attention {
  readonly severity: 'problem' | 'warning';
  /** The section of the page that shows more. */
  readonly section: 'overview' | 'issuers' | 'rules' | 'limits' | 'configuration';
  readonly text: string;
  /** When it began, in milliseconds since the epoch. */
  readonly since?: number | undefined;
}

/** What the list is made from. */
export interface ServiceFacts {
  readonly processes: readonly Pick<ProcessView, 'tooBusy'>[];
  readonly issuers: readonly IssuerView[];
  readonly bundles: ProcessView['bundles'];
  readonly configuration: ConfigurationFacts;
  readonly limits: readonly LimitView[];
  readonly rules: readonly RuleCount[];
  readonly now: number;
}

const most = 20;
/** Milliseconds. A refusal that is older is not a problem of now. */
const lately = 900_000;
/** Refusals of a rule, and their share of its checks, from which they are shown. */
const fewest = 10;
const smallestShare = 0.1;

/** What needs a person, the worst first, 20 at most. A full cache is no problem: it drops what is old. */
export function needsAttention(facts: ServiceFacts): readonly Attention[] {
  return [
    ...facts.processes.flatMap(({ tooBusy }) =>
      tooBusy === undefined ? [] : [problem('overview', `The service is too busy: ${tooBusy}.`)],
    ),
    ...limitsAt('Reached', facts),
    ...facts.issuers
      .filter(({ isUp }) => !isUp)
      .map(({ name, failure, downSince }) => ({
        ...problem('issuers', `The issuer ${name} is down: ${failure ?? 'it does not answer'}.`),
        since: downSince,
      })),
    ...facts.bundles.flatMap(({ trustDomain, failure }) =>
      failure === undefined
        ? []
        : [problem('issuers', `The bundle of ${trustDomain} is not fresh: ${failure}.`)],
    ),
    ...(facts.configuration.isOfFile ? [] : [problem('configuration', facts.configuration.sentence)]),
    ...limitsAt('Near', facts),
    ...refusing(facts),
  ].slice(0, most);
}

function problem(section: Attention['section'], text: string): Attention {
  return { severity: 'problem', section, text };
}

function warning(section: Attention['section'], text: string): Attention {
  return { severity: 'warning', section, text };
}

function limitsAt(state: 'Near' | 'Reached', { limits }: ServiceFacts): readonly Attention[] {
  return limits
    .filter((limit) => limit.state === state && !limit.name.startsWith('Cache'))
    .map(({ name }) =>
      state === 'Reached'
        ? problem('limits', `${name}: the limit is reached.`)
        : warning('limits', `${name}: the limit is near.`),
    );
}

/** The rule that refuses most, if it refuses more than a few. */
function refusing({ rules, now }: ServiceFacts): readonly Attention[] {
  const [most] = rules
    .filter(({ refused, allowed, lastRefusal }) => {
      const isFrequent = refused >= fewest && refused >= smallestShare * (refused + allowed);
      return isFrequent && now - lastRefusal <= lately;
    })
    .toSorted((a, b) => b.refused - a.refused);
  if (!most) return [];
  const { rule, refused, allowed } = most;
  const what =
    rule === '' ? 'Requests that no rule covers are refused most' : `The rule ${rule} refuses most`;
  const all = refused + allowed;
  return [warning('rules', `${what}: ${refused} of ${all} requests, most often for ${mostFrequent(most)}.`)];
}
