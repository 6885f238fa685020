import type { ExecutionContext } from 'ava';
import type { ConfigInput } from '../../src/config/schema.ts';
import type { ReasonName } from '../../src/core/reasons.ts';
import type { Answer } from '../support/check-world.ts';
import type { Input, WorldName } from './case.ts';
import type { Fixture } from './fixture.ts';
import type { StandIns } from './stand-ins.ts';

/** A configuration at work, which a story asks step by step. */
export interface Scene {
  /** Of the checks and of every memory; moved by hand. */
  readonly clock: { now: number };
  /** A check, in memory or over gRPC as the story is told. */
  check(input: Input): Promise<Answer>;
  /** Fetches all keys now, as the timer would. */
  refetch(): Promise<void>;
  /** Another configuration takes over, as when the file has changed. */
  reload(config: ConfigInput): Promise<void>;
  /** How much is remembered. */
  remembered(): { readonly tokens: number; readonly certificates: number };
}

/** What a story is told with; all that it starts ends with it. */
export interface Stage {
  readonly t: ExecutionContext;
  readonly fixture: Fixture;
  readonly standIns: StandIns;
  readonly configs: Readonly<Record<WorldName, ConfigInput>>;
  scene(config: ConfigInput): Promise<Scene>;
  teardown(end: () => unknown): void;
}

/** An attack that takes several steps. */
export interface Story {
  /** The reason of each check that `tell` answers with, in their order. */
  readonly reasons: readonly ReasonName[];
  readonly source?: string;
  readonly tell: (stage: Stage) => Promise<readonly Answer[]>;
  /** Told once, because it is about memory, or about connections; else both ways. */
  readonly only?: 'pure' | 'grpc';
}

/** A story of checks alone. */
export function story(
  reasons: Story['reasons'],
  tell: (stage: Stage) => Promise<readonly Answer[]>,
  more: Omit<Partial<Story>, 'reasons' | 'tell'> = {},
): Story {
  return { reasons, tell, ...more };
}
