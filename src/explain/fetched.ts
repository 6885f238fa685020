import { setTimeout as wait } from 'node:timers/promises';
import { checkDocument, type LoadedConfig } from '../config/load.ts';
import type { Evidence } from '../core/evidence.ts';
import { noneUsed } from '../core/used/used-proofs.ts';
import { createGeneration, type Generation } from '../serve/generation.ts';
import { Bulkheads } from '../sources/bulkhead.ts';
import { createJudge } from '../trial/judge.ts';
import type { Trials } from './trials.ts';

/** An trials with the parts of a running service. They work until `stop`. */
export interface FetchedTrials extends Trials {
  stop(): void;
}

/** Milliseconds for the first answers of all issuers and bundle endpoints together. */
const patience = 10_000;

/**
 * Judges a request as the running service would: keys and bundles are fetched, and issuers are asked about
 * the token. Files that the configuration names must be here.
 */
export function createFetchedTrials(evidence: Evidence, now: number): FetchedTrials {
  let first: Generation | undefined;
  const all: Generation[] = [];
  const start = async (loaded: LoadedConfig, failures: Map<string, string>): Promise<Generation> => {
    const bulkheads = new Bulkheads(() => loaded.config.limits.waitingChecks);
    const report = (what: string, of: string, failure: string | undefined) => {
      if (failure !== undefined) failures.set(`${what} of ${of}`, failure);
    };
    const generation = createGeneration(
      loaded,
      { clock: () => now, bulkheads, usedProofs: noneUsed, report },
      first,
    );
    const known = first?.sources;
    first ??= generation;
    all.push(generation);
    const begun = [...generation.sources].filter((source) => !known?.has(source));
    await Promise.race([
      Promise.all(begun.map((source) => source.start())),
      wait(patience, undefined, { ref: false }),
    ]);
    return generation;
  };
  return {
    now,
    async try(draft) {
      // Nothing here reads the text, and it would be written for each change that is tried.
      const loaded = { ...checkDocument(draft.document, draft.file, 'all', draft.teams), text: '' };
      const failures = new Map<string, string>();
      const { policy } = await start(loaded, failures);
      const decision = await createJudge(policy, now)(evidence);
      const unverified = [...failures].map(([what, why]) => `${what} could not be fetched: ${why}`);
      return { draft, loaded, policy, evidence, decision, unverified };
    },
    stop() {
      for (const { sources } of all) for (const source of sources) source.stop();
    },
  };
}
