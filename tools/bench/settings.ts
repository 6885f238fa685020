import { parseArgs } from 'node:util';

export interface Settings {
  readonly milliseconds: number;
  readonly rounds: number;
  /** Checks before the first round. */
  readonly warmUp: number;
  /** Rows and parts whose name holds one of these words. Empty: all. */
  readonly only: readonly string[];
  readonly against: string | undefined;
  readonly compare: string | undefined;
  readonly short: boolean;
  readonly write: boolean;
  readonly profile: boolean;
}

const help = `npm run bench [-- OPTION...]

Measures checks for one CPU second of the server, checks a second, latency, memory, and the time of a start.
The server has one core and the generator another. In each round, the rows that are compared take turns of
100 ms. Figures are medians of the rounds.
Exit code 1: an answer was wrong. Speed never changes the exit code.

  --only WORD        only rows and parts whose name holds the word; may be repeated
                     (parts: latency, memory, start)
  --seconds N        length of a window, 0.5 to 60; default 3
  --rounds N         1 to 20; default 5
  --against DIR      a checkout of another commit, with its node_modules; measured in the same rounds
  --compare ADDRESS  any ext_authz server over gRPC, such as 127.0.0.1:9191; with its process, for the
                     CPU time: 127.0.0.1:9191=PID
  --short            about two seconds for each row, to see that everything runs
  --profile          where the CPU time of known tokens over gRPC goes, and nothing else
  --write            writes docs/benchmarks.md and its chart
  --help`;

/** What the command line asks for; the exit code where there is nothing to measure. */
export function readSettings(args: readonly string[]): Settings | number {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        only: { type: 'string', multiple: true, default: [] },
        seconds: { type: 'string' },
        rounds: { type: 'string' },
        against: { type: 'string' },
        compare: { type: 'string' },
        short: { type: 'boolean', default: false },
        profile: { type: 'boolean', default: false },
        write: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    const { only, against, compare, short, write, profile } = values;
    if (values.help) {
      console.log(help);
      return 0;
    }
    if (write && (short || only.length > 0)) throw new TypeError('--write needs all rows at full length');
    const seconds = Number(values.seconds ?? (short ? 0.5 : 3));
    const rounds = Number(values.rounds ?? (short ? 1 : 5));
    if (!(seconds >= 0.5 && seconds <= 60)) throw new TypeError('--seconds is 0.5 to 60');
    if (!(Number.isInteger(rounds) && rounds >= 1 && rounds <= 20))
      throw new TypeError('--rounds is 1 to 20');
    const warmUp = short ? 500 : 50_000;
    return { milliseconds: seconds * 1000, rounds, warmUp, only, against, compare, short, write, profile };
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${help}`);
    return 2;
  }
}
