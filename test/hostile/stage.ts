import type { ConfigInput } from '../../src/config/schema.ts';
import type { WorldName } from './case.ts';
import { createFixture, type Fixture } from './fixture.ts';
import { type StandIns, startLure, startStandIns } from './stand-ins.ts';
import { worlds } from './world.ts';

/** What every runner needs: the material of the cases, the servers that misbehave, and the configurations. */
export interface OpenStage {
  readonly fixture: Fixture;
  readonly standIns: StandIns;
  readonly configs: Readonly<Record<WorldName, ConfigInput>>;
  /** How often a token led to a request to a server that must never be asked. */
  lured(): number;
  stop(): Promise<void>;
}

/** Opens it; when one part fails, what was started is ended again. A port can be taken just before it is bound. */
export async function openStage(attempts = 3): Promise<OpenStage> {
  try {
    return await open();
  } catch (error) {
    if (attempts > 1 && (error as NodeJS.ErrnoException).code === 'EADDRINUSE')
      return openStage(attempts - 1);
    throw error;
  }
}

async function open(): Promise<OpenStage> {
  const lure = await startLure();
  try {
    const fixture = await createFixture(lure.url);
    lure.offer([fixture.keys.stranger.publicJwk, fixture.keys.strangerRsa.publicJwk]);
    const standIns = await startStandIns(fixture);
    return {
      fixture,
      standIns,
      configs: worlds(fixture, standIns),
      lured: lure.asked,
      stop: async () => {
        await standIns.stop();
        lure.stop();
      },
    };
  } catch (error) {
    lure.stop();
    throw error;
  }
}
