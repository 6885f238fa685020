import type { WriteStream } from 'node:tty';
import { longestLine } from '../decision-lines/decision-line.ts';
import { codeAndCause } from '../lib/file-causes.ts';
import { visible } from '../lib/visible.ts';
import { createFilter, type Wanted } from './filter.ts';
import { createGroups } from './groups.ts';
import { formatLine } from './line-view.ts';
import { createOutput, isOfOutput } from './output.ts';
import { type ColorChoice, createPaint, type Paint } from './paint.ts';
import { startScreen } from './screen.ts';
import type { LogReading } from './sources.ts';
import { createStatistics } from './statistics.ts';
import type { Tally } from './tally.ts';
import { type View, viewFiles } from './view.ts';

export interface LogRequest extends Pick<View, 'files' | 'isFollowed'> {
  readonly wanted: Wanted;
  readonly color: ColorChoice;
  /** Shows the matching lines as they are. */
  readonly json: boolean;
  /** These are shown instead of lines. */
  readonly stats: boolean;
  readonly group: boolean;
}

/** Where the lines come from and go to. */
export interface LogStreams extends Pick<LogReading, 'input' | 'signal'> {
  /** Has `isTTY` if it is a terminal. */
  readonly output: WriteStream;
  /** Prints a message for the person, apart from the output. */
  readonly note: (text: string) => void;
}

/**
 * Shows the decisions of a log. When the signal aborts, it ends as it does at the end of the input.
 * @returns the exit code: 1 if a file could not be read, or the output could not be written
 */
export async function showLog(request: LogRequest, streams: LogStreams): Promise<number> {
  const { files, isFollowed, wanted, color, stats, group } = request;
  const { input, output: stream, signal, note } = streams;
  const output = createOutput(stream);
  const paint = createPaint(color, stream);
  const summaries = [...(stats ? [createStatistics()] : []), ...(group ? [createGroups()] : [])];
  const show = summaries.length > 0 ? undefined : lineView(request, stream, paint);
  const view = { files, isFollowed, matches: createFilter(wanted), show, summaries };
  const tally: Tally = { decisions: 0, matching: 0, foreign: 0, tooLong: 0 };
  let exitCode = 0;
  const failed = (what: string, { code, message }: NodeJS.ErrnoException): void => {
    exitCode = 1;
    note(`${what} ${codeAndCause(code, visible(message))}`);
  };
  const unreadable = (file: string, error: Error) => failed(`${visible(file)}: cannot be read`, error);
  const summary = () => summaries.flatMap((one, index) => [...(index > 0 ? [''] : []), ...one.show(paint)]);
  const endScreen = summaries.length > 0 && stream.isTTY ? startScreen(summary, stream, output) : undefined;
  try {
    const isRead = await viewFiles(view, output, { input, signal, tally, unreadable });
    await endScreen?.();
    if (!isRead) return exitCode;
    if (summaries.length > 0) await output.write(`${summary().join('\n')}\n`);
  } catch (error) {
    if (!isOfOutput(error)) throw error;
    failed('the output cannot be written', error);
  }
  for (const text of notes(tally)) note(text);
  return exitCode;
}

function lineView({ json }: LogRequest, { isTTY }: WriteStream, paint: Paint): NonNullable<View['show']> {
  if (!json) return (line) => formatLine(line, paint);
  // A program gets each byte as it is, but a terminal would obey some of them.
  return isTTY ? (_, text) => visible(text) : (_, text) => text;
}

/** What a person must know who sees less than the input holds. */
function notes({ decisions, matching, foreign, tooLong }: Tally): readonly string[] {
  const cut = tooLong > 0 ? [`lines of more than ${longestLine} bytes that were left out: ${tooLong}`] : [];
  if (decisions > 0 && matching === 0)
    return [...cut, `decisions that were read: ${decisions}; none matches`];
  if (decisions === 0 && foreign > 0)
    return [...cut, `lines that were read: ${foreign}; none is a decision of Peerproof`];
  return cut;
}
