import { type Listening, listenProblem } from '../config/listen-problem.ts';
import { runUntilStopped } from '../operate/run.ts';

/**
 * Runs a service until it is stopped. @returns the exit code
 * @throws ConfigError with the setting, if it cannot listen on an address
 */
export async function runService(
  loaded: Listening,
  start: Parameters<typeof runUntilStopped>[0],
): Promise<number> {
  try {
    return await runUntilStopped(start);
  } catch (error) {
    throw listenProblem(error, loaded);
  }
}
