import { type DecisionLine, parseDecisionLine } from '../decision-lines/decision-line.ts';
import type { Output } from './output.ts';
import { type LogReading, linesOfFile } from './sources.ts';
import type { Summary } from './summary.ts';

export interface View {
  /** Names of files. `-` is the input. */
  readonly files: readonly string[];
  readonly isFollowed: boolean;
  readonly matches: (line: DecisionLine) => boolean;
  /** How a matching line is shown. Undefined if only the summaries are shown. */
  readonly show: ((line: DecisionLine, text: string) => string) | undefined;
  readonly summaries: readonly Summary[];
}

/**
 * Reads the files and shows what matches, until they end, the signal aborts, or nobody reads the output.
 * Files that are followed are read at the same time, others one after the other.
 * @returns whether the output is still read
 * @throws if the output cannot be written
 */
export async function viewFiles(view: View, output: Output, reading: LogReading): Promise<boolean> {
  const stop = new AbortController();
  const signal = AbortSignal.any([reading.signal, stop.signal]);
  let isRead = true;
  const viewFile = async (file: string): Promise<void> => {
    for await (const lines of linesOfFile(file, view.isFollowed, { ...reading, signal })) {
      const text = shownOf(lines, view, reading);
      if (text === '' || (await output.write(text))) continue;
      isRead = false;
      stop.abort();
      return;
    }
  };
  if (view.isFollowed) await Promise.all(view.files.map(viewFile));
  else for (const file of view.files) await viewFile(file);
  return isRead;
}

function shownOf(lines: readonly string[], view: View, { tally }: LogReading): string {
  let shown = '';
  for (const text of lines) {
    const line = parseDecisionLine(text);
    if (line) tally.decisions++;
    else tally.foreign++;
    if (!line || !view.matches(line)) continue;
    tally.matching++;
    for (const summary of view.summaries) summary.add(line);
    if (view.show) shown += `${view.show(line, text)}\n`;
  }
  return shown;
}
