import {
  type DecisionField,
  decisionFields,
  isTextField,
  type OtherField,
  type TextField,
} from './decision-field.ts';
import { ecsCommon, ecsNames, ecsServiceLine } from './ecs.ts';
import type { Key, LineHead, TextKey } from './json-line.ts';
import { type LineKind, levelOf, levels } from './log-level.ts';

/** How lines are written. */
export interface LogFormat {
  /** The beginning of a line about a decision. */
  readonly heads: Readonly<Record<LineKind, LineHead>>;
  readonly nameOf: (field: DecisionField) => string;
  /** The unit of `duration_us` in this format. */
  readonly perMicrosecond: number;
  /** Translates a whole line about the service. */
  readonly serviceLine: (line: string) => string;
}

/** `event.type` and `event.outcome` of the Elastic Common Schema. */
const ecsOutcomes: Readonly<Record<LineKind, readonly [type: string, outcome: string]>> = {
  allow: ['allowed', 'success'],
  observed: ['allowed', 'success'],
  answer: ['info', 'success'],
  deny: ['denied', 'failure'],
  unavailable: ['denied', 'failure'],
};

/** One row a format. */
export const logFormats = {
  json: {
    heads: headsOf((kind) => ({ before: `{"level":${levels[levelOf[kind]]},"time":"`, after: '"' })),
    nameOf: (field) => field,
    perMicrosecond: 1,
    serviceLine: (line) => line,
  },
  ecs: {
    heads: headsOf((kind) => ({ before: '{"@timestamp":"', after: `",${ecsFacts(kind)}` })),
    nameOf: (field) => ecsNames[field],
    // `event.duration` is in nanoseconds.
    perMicrosecond: 1_000,
    serviceLine: ecsServiceLine,
  },
} as const satisfies Record<string, LogFormat>;

export type LogFormatName = keyof typeof logFormats;
export const logFormatNames = Object.keys(logFormats) as LogFormatName[];

/** The name of each field as it begins in a line. Empty for a field that is left out. */
export type FieldKeys = Readonly<Record<TextField, TextKey> & Record<OtherField, Key>>;

export function fieldKeys({ nameOf }: LogFormat, omitted: readonly DecisionField[]): FieldKeys {
  const keyOf = (field: DecisionField) => `,"${nameOf(field)}":${isTextField(field) ? '"' : ''}`;
  const keys = decisionFields.map((field) => [field, omitted.includes(field) ? '' : keyOf(field)]);
  return Object.fromEntries(keys) as FieldKeys;
}

function headsOf(head: (kind: LineKind) => LineHead): LogFormat['heads'] {
  return {
    allow: head('allow'),
    answer: head('answer'),
    observed: head('observed'),
    deny: head('deny'),
    unavailable: head('unavailable'),
  };
}

/** The fields of one kind of line, as the inside of a JSON object. */
function ecsFacts(kind: LineKind): string {
  const [type, outcome] = ecsOutcomes[kind];
  return JSON.stringify({
    ...ecsCommon(levelOf[kind], 'decision'),
    'event.kind': 'event',
    'event.category': ['network'],
    'event.type': ['access', type],
    'event.outcome': outcome,
  }).slice(1, -1);
}
