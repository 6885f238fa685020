import type { Scenario } from './scenario.ts';
import { abortScenarios } from './scenarios/aborts.ts';
import { authorityScenarios } from './scenarios/authorities.ts';
import { bulkheadScenarios } from './scenarios/bulkheads.ts';
import { clockScenarios } from './scenarios/clock.ts';
import { collectorScenarios } from './scenarios/collector.ts';
import { consoleScenarios } from './scenarios/console.ts';
import { floodScenarios } from './scenarios/flood.ts';
import { issuerScenarios } from './scenarios/issuer.ts';
import { keyScenarios } from './scenarios/keys.ts';
import { logScenarios } from './scenarios/log.ts';
import { processScenarios } from './scenarios/processes.ts';
import { reloadScenarios } from './scenarios/reload.ts';
import { scraperScenarios } from './scenarios/scraper.ts';
import { storeScenarios } from './scenarios/store.ts';
import { tlsScenarios } from './scenarios/tls.ts';

/** All scenarios, in order. */
export const scenarios: readonly Scenario[] = [
  ...issuerScenarios,
  ...keyScenarios,
  ...authorityScenarios,
  ...logScenarios,
  ...collectorScenarios,
  ...storeScenarios,
  ...consoleScenarios,
  ...scraperScenarios,
  ...clockScenarios,
  ...processScenarios,
  ...reloadScenarios,
  ...tlsScenarios,
  ...floodScenarios,
  ...bulkheadScenarios,
  ...abortScenarios,
];
