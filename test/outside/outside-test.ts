import test from 'ava';
import { absence, hasVectors } from './vectors.ts';

if (!hasVectors) console.warn(`SKIPPED: ${absence}`);

/** A test that needs the suites written elsewhere. Without them it is reported as skipped, never as passed. */
export const outsideTest = hasVectors ? test : test.skip;
