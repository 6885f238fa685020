import { jsonTestSuite } from './json-test-suite.ts';
import { limbo } from './limbo.ts';
import { spiffeIds } from './spiffe-ids.ts';
import type { Suite } from './suite.ts';
import { wycheproof } from './wycheproof.ts';

/** Every suite that judges a parser or a verifier. Istio's paths are judged through Envoy: see paths.ts. */
export const suites: readonly Suite[] = [wycheproof, limbo, jsonTestSuite, spiffeIds];
