import { writeFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { unifiedDiff } from '../config/amend.ts';
import { type LoadedConfig, loadWithoutFiles } from '../config/load.ts';
import { parseDecisionLine } from '../decision-lines/decision-line.ts';
import { codeAndCause } from '../lib/file-causes.ts';
import { type OnStep, untold } from '../lib/on-step.ts';
import { visible } from '../lib/visible.ts';
import { linesOfFile } from '../log-view/sources.ts';
import type { Tally } from '../log-view/tally.ts';
import { listRules } from '../serve/create-policy.ts';
import type { LogObservation } from './observation.ts';
import { createReplay } from './replay.ts';
import { readingNotes, reportLines, reportOf } from './report.ts';
import { type Collector, createCollector } from './seen.ts';
import { suggest } from './suggest.ts';

export interface SuggestRequest {
  readonly config: string;
  /** Names of files. `-` is the input. */
  readonly files: readonly string[];
  /** Whether lines of allowed requests count too. */
  readonly all: boolean;
  readonly generalizePaths: boolean;
  /** Whether the file is changed. */
  readonly write: boolean;
  readonly format: 'text' | 'json';
  /** How many different observations are kept. */
  readonly limit: number;
}

export interface SuggestStreams {
  readonly input: Readable;
  readonly print: (text: string) => void;
  /** Tells the person, apart from the output. */
  readonly note: (text: string) => void;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly onStep?: OnStep;
}

/**
 * Prints the difference to a configuration that allows what a log shows, and reports each rule.
 * @returns the exit code: 1 if a file could not be read
 * @throws ConfigError if the configuration is not valid
 */
export async function suggestRules(request: SuggestRequest, streams: SuggestStreams): Promise<number> {
  const { config: file, all, limit, format, write } = request;
  const { print, note, now, onStep = untold } = streams;
  const loaded = loadWithoutFiles(file);
  const { issuers, cluster } = createReplay(loaded, now);
  const collector = createCollector({ config: loaded.config, issuers, cluster }, all, limit);
  const tally: Tally = { decisions: 0, matching: 0, foreign: 0, tooLong: 0 };
  const isWhole = await collect(request, streams, collector, tally);
  const seen = collector.end();
  const { rules, teams } = loaded.config;
  const hasLater = listRules(loaded.config).length > rules.length;
  const suggestion = await suggest(
    loaded,
    seen,
    {
      destinations: namesDestinations(loaded, seen.observations),
      ...draftOptions(loaded.config),
      general: request.generalizePaths && !hasLater,
    },
    now,
    onStep,
  );
  const report = reportOf(suggestion, seen.leftOut, [
    ...readingNotes(tally),
    ...(request.generalizePaths && hasLater
      ? ['paths are not made general, because rules that come later could lose their requests']
      : []),
    ...(teams ? ['rules of teams stay as they are: what is proposed stands in `rules`, before them'] : []),
  ]);
  const diff = unifiedDiff(file, loaded.text, suggestion.text);
  if (format === 'json') print(JSON.stringify({ diff, ...report }, undefined, 2));
  else {
    if (diff !== '') print(diff.replace(/\n$/, ''));
    note(reportLines(report).join('\n'));
  }
  if (write && diff !== '') {
    writeFileSync(file, suggestion.text);
    note(`${visible(file)}: changed`);
  }
  return isWhole ? 0 : 1;
}

/** @returns whether all files could be read */
async function collect(
  { files }: SuggestRequest,
  { input, note, onStep = untold }: SuggestStreams,
  collector: Collector,
  tally: Tally,
): Promise<boolean> {
  let isWhole = true;
  const { signal } = new AbortController();
  const unreadable = (file: string, error: NodeJS.ErrnoException) => {
    isWhole = false;
    note(`${visible(file)}: cannot be read ${codeAndCause(error.code, visible(error.message))}`);
  };
  for (const file of files)
    for await (const lines of linesOfFile(file, false, { input, signal, tally, unreadable }))
      for (const text of lines) {
        const line = parseDecisionLine(text);
        if (line) tally.decisions++;
        else tally.foreign++;
        if (line) collector.add(line);
        onStep('lines of the log', tally.decisions + tally.foreign);
      }
  return isWhole;
}

function draftOptions({ peers, hosts }: LoadedConfig['config']) {
  const openHosts = hosts.ignorePort === undefined || hosts.ignoreTrailingDot === undefined;
  return { peers: peers.trustDomains !== undefined, openHosts };
}

/** In a mesh a rule must name the workload, because a sidecar accepts every Host. */
function namesDestinations({ config }: LoadedConfig, observations: readonly LogObservation[]): boolean {
  return (
    listRules(config).some(({ match }) => match.destinations.length > 0) ||
    (config.peers.trustDomains !== undefined &&
      observations.some(({ request }) => request.destination !== ''))
  );
}
