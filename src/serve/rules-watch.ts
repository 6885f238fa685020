import type { Logger } from 'pino';
import { findCluster } from '../config/cluster.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { RulesFromCluster } from '../config/rules-from-schema.ts';
import type { OwnerState } from '../config/teams/admit.ts';
import type { TeamHandling } from '../config/teams/handling.ts';
import { recalling } from '../config/teams/kept-objects.ts';
import { objectName } from '../config/teams/object-candidates.ts';
import { neededStatus } from '../config/teams/object-status.ts';
import { paced } from '../operate/paced.ts';
import type { RulesWatchState } from '../operate/states.ts';
import { takeFingerprint } from '../sources/fingerprint.ts';
import type { RuleObject } from '../sources/rule-objects.ts';
import { RuleObjectsApi } from '../sources/rule-objects-api.ts';
import { StatusWriter } from '../sources/status-writer.ts';
import { WatchedRules } from '../sources/watched-rules.ts';
import { ownToken } from './issuer-authority.ts';
import { RulesCache } from './rules-cache.ts';
import { createRulesReport } from './rules-report.ts';

export interface RulesWatchOptions {
  /** Gets the objects. */
  readonly handling: TeamHandling;
  readonly clock: () => number;
  readonly log: Logger;
  /** Puts what teams have written into use, and then calls `report`. Must not reject. */
  readonly apply: () => Promise<void>;
}

/** What watches by one form of the settings. */
interface Watch {
  readonly fingerprint: string;
  /** Whether it began with the process. */
  readonly isFirst: boolean;
  readonly rules: WatchedRules;
  readonly writer: StatusWriter;
  readonly cache: RulesCache | undefined;
}

/** Milliseconds between two changes of the rules. Many objects that change at once are one change. */
const applyEvery = 500;

/**
 * Watches the rules that teams write at the API server, by the settings of the configuration in use, and
 * writes their status. The client library is loaded when a configuration needs it for the first time.
 */
export class RulesWatch {
  readonly #options: RulesWatchOptions;
  readonly #apply: () => Promise<void>;
  readonly #say: ReturnType<typeof createRulesReport>;
  #watch: Watch | undefined;
  #states = new Map<string, OwnerState>();
  /** The objects that these states are about. */
  #judged = new Map<string, RuleObject>();
  #isStopped = false;
  #isStart = true;

  constructor(options: RulesWatchOptions) {
    this.#options = options;
    this.#apply = paced(() => this.#take(), applyEvery);
    this.#say = createRulesReport(options.log);
  }

  /**
   * Watches by the settings of this configuration, if they are others than before. Resolves when the rules of
   * the first attempt are at work. Never rejects.
   */
  async adopt(loaded: LoadedConfig): Promise<void> {
    const settings = loaded.config.rulesFrom?.kubernetes;
    // With the authorities of the pod, which the settings do not name.
    const fingerprint =
      settings &&
      takeFingerprint({ ...settings, ...clusterOf(settings) }, ['rulesFrom', 'kubernetes'], loaded.files);
    const isFirst = this.#isStart;
    this.#isStart = false;
    if (this.#isStopped || fingerprint === this.#watch?.fingerprint) return;
    this.#close();
    if (fingerprint === undefined) return;
    this.#watch = { ...this.#open(loaded), fingerprint, isFirst };
    await this.#watch.rules.start();
    await this.#apply();
  }

  /** Writes to each object what became of its rules. */
  report(owners: readonly OwnerState[]): void {
    this.#states = new Map(owners.map((state) => [state.file, state]));
    this.#judged = new Map(this.#options.handling.atApiServer.objects.map((object) => [object.key, object]));
    for (const object of this.#watch?.rules.objects() ?? []) this.#watch?.writer.look(object);
  }

  /** Undefined without `rulesFrom`. */
  state(): RulesWatchState | undefined {
    if (!this.#watch) return undefined;
    const { rules, writer, cache, isFirst } = this.#watch;
    const { failure, failures, heardAt = cache?.kept?.keptAt } = rules;
    const isCached = !rules.isComplete && cache?.kept !== undefined;
    return {
      ...{
        objects: this.#options.handling.atApiServer.objects.length,
        isAwaited: isFirst && !rules.isComplete && !isCached,
      },
      ...{ failure, failures, isCached },
      age: heardAt === undefined ? undefined : (this.#options.clock() - heardAt) / 1000,
      ...{ writes: writer.writes, writeFailures: writer.failures, writeFailure: writer.failure },
    };
  }

  stop(): void {
    this.#isStopped = true;
    this.#close();
  }

  async #take(): Promise<void> {
    const { handling, apply } = this.#options;
    if (!this.#watch) return;
    const { rules, cache } = this.#watch;
    const kept = cache?.kept?.objects ?? [];
    handling.atApiServer.objects = rules.isComplete ? recalling(rules.objects(), kept) : kept;
    const { isComplete } = rules;
    await apply();
    if (!isComplete) return;
    cache?.forget();
    void cache?.keep();
  }

  #open(loaded: LoadedConfig): Omit<Watch, 'fingerprint' | 'isFirst'> {
    const { clock, handling } = this.#options;
    const api = createApi(loaded, clock);
    const { cacheFile } = loaded.config.rulesFrom?.kubernetes ?? {};
    const rules = new WatchedRules({
      ...{ api, clock },
      onRules: () => void this.#apply(),
      onStatus: (object) => writer.look(object),
      report: (failure) => this.#say('rules', failure),
    });
    const writer = new StatusWriter({
      api,
      current: ({ namespace, key }) => rules.get(namespace, key),
      needed: (object) => this.#needed(object),
      report: (failure) => this.#say('status', failure),
    });
    const cache =
      cacheFile === undefined
        ? undefined
        : new RulesCache({
            ...{ path: loaded.resolve(cacheFile), handling, clock },
            report: (failure) => this.#say('cache', failure),
          });
    return { rules, writer, cache };
  }

  /** Nothing is said about a form that was not judged yet. */
  #needed(object: RuleObject): object | undefined {
    const state = this.#states.get(objectName(object.key));
    const judged = this.#judged.get(object.key);
    if (!state || judged?.generation !== object.generation || judged.uid !== object.uid) return undefined;
    return neededStatus(object.generation, state, object.status, this.#options.clock());
  }

  #close(): void {
    this.#watch?.rules.stop();
    this.#watch?.writer.stop();
    this.#watch = undefined;
  }
}

function createApi({ config, files, resolve }: LoadedConfig, clock: () => number): RuleObjectsApi {
  const settings = config.rulesFrom?.kubernetes;
  const cluster = settings && clusterOf(settings);
  if (!cluster) throw new TypeError('no API server: the configuration was not checked');
  return new RuleObjectsApi({
    url: cluster.apiServer,
    ca: cluster.ca === undefined ? undefined : files.get(cluster.ca),
    token: ownToken(cluster.tokenFile, { files, clock, resolve }),
    allowInsecureHttp: settings.allowInsecureHttp,
  });
}

function clusterOf(settings: RulesFromCluster) {
  return findCluster({ kubernetes: settings, ca: settings.ca });
}
