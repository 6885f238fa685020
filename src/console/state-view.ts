import type { LoadedConfig } from '../config/load.ts';
import { readBuild } from '../operate/build.ts';
import { paced } from '../operate/paced.ts';
import type { ConsoleSource, ProcessView } from '../serve/console-source.ts';
import { needsAttention } from './attention.ts';
import { combineBundles, combineIssuers, combineLimits, combineRules } from './combine.ts';
import { configurationFacts } from './configuration-state.ts';
import { issuerViews } from './issuer-views.ts';
import { limitViews } from './limit-views.ts';
import { trafficOf } from './traffic.ts';

/** Milliseconds between two collections, for all clients together. */
const every = 500;

/** Makes the function that reads everything that the page shows, but for rules, decisions and the configuration. */
export function createStateView(source: ConsoleSource): () => Promise<unknown> {
  const build = readBuild();
  return paced(async () => {
    const views = await source.views();
    const now = Date.now();
    const issuers = issuerViews(combineIssuers(views));
    const bundles = combineBundles(views);
    const limits = limitViews(combineLimits(views));
    const configuration = configurationFacts(source, views);
    const facts = {
      processes: views,
      issuers,
      bundles,
      configuration,
      limits,
      rules: combineRules(views),
      now,
    };
    return {
      ...{ now, state: stateOf(views), traffic: trafficOf(views), attention: needsAttention(facts) },
      ...{ issuers, bundles, limits, configuration },
      workers: source.workers?.(),
      versions: { peerproof: build.version, node: build.node },
      openPorts: source.loaded().openPorts,
      log: logNotes(source.loaded()),
    };
  }, every);
}

/** One process that serves is enough. */
function stateOf(views: readonly ProcessView[]): 'Serving' | 'Too busy' | 'Draining' | 'Starting' {
  if (views.some(({ state, tooBusy }) => state === 'serving' && tooBusy === undefined)) return 'Serving';
  if (views.some(({ tooBusy }) => tooBusy !== undefined)) return 'Too busy';
  return views.some(({ state }) => state === 'draining') ? 'Draining' : 'Starting';
}

/** Why the list of decisions has fewer of them than there were. */
function logNotes({ config: { log } }: LoadedConfig): readonly string[] {
  const { level, sample, public: withPublic, omit, maxLinesPerSecond } = log;
  const isSampled = [sample.default, ...Object.values(sample.rules)].some((share) => share < 1);
  return [
    ...(level === 'info' ? [] : [`log.level is ${level}, so allowed requests are left out.`]),
    ...(isSampled ? ['log.sample leaves out a share of the allowed requests.'] : []),
    ...(withPublic ? [] : ['log.public is false, so allowed requests to public rules are left out.']),
    ...(omit.length > 0 ? [`log.omit leaves out fields: ${omit.join(', ')}.`] : []),
    ...(maxLinesPerSecond === undefined ? [] : [`log.maxLinesPerSecond is ${maxLinesPerSecond}.`]),
  ];
}
