import { createLogDestination, type LineDestination } from '../src/operate/log-destination.ts';

/** The fields of a decision log line that the demo looks at. */
export interface LoggedDecision {
  readonly decision_id: string;
  readonly reason: string;
  readonly detail?: string;
  readonly spiffe_id?: string;
  readonly bound_by?: string;
  readonly peer_from?: string;
}

/** A line about the configuration file: it was loaded, or it was refused and why. */
export interface LoggedChange {
  readonly event: string;
  readonly message: string;
  readonly failure?: string;
}

/** The log of Peerproof, in a file as `serve` writes it, and readable by decision. */
export interface RecordedLog extends LineDestination {
  find(decisionId: string | undefined): LoggedDecision | undefined;
  /** Calls this for each line about a change of the configuration file. */
  followChanges(tell: (change: LoggedChange) => void): void;
  close(): void;
}

/** The most decisions that are kept in memory. With `--keep`, their number is unlimited. */
const kept = 1_000;

export function recordLog(file: string): RecordedLog {
  const destination = createLogDestination(file, () => undefined);
  const decisions = new Map<string, LoggedDecision>();
  let changed: (change: LoggedChange) => void = () => undefined;
  return {
    write(line) {
      destination.write(line);
      const entry = JSON.parse(line) as Partial<LoggedDecision & LoggedChange>;
      if (entry.event?.startsWith('configuration_')) changed(entry as LoggedChange);
      if (entry.decision_id === undefined) return;
      decisions.set(entry.decision_id, entry as LoggedDecision);
      const [oldest] = decisions.keys();
      if (decisions.size > kept && oldest !== undefined) decisions.delete(oldest);
    },
    find: (decisionId) => decisions.get(decisionId ?? ''),
    followChanges(tell) {
      changed = tell;
    },
    close: () => void destination.flush(),
  };
}
