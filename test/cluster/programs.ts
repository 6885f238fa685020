import test from 'ava';
import { findControlPlane, programs } from './find-program.ts';

const missing = programs.filter((name) => !findControlPlane(name));
if (missing.length > 0) console.warn(`SKIPPED: no ${missing.join(' and no ')} in KUBEBUILDER_ASSETS or PATH`);

/** A test that needs a real API server. One after the other, because they share it. */
export const clusterTest = missing.length > 0 ? test.serial.skip : test.serial;
export const hasCluster = missing.length === 0;
