import test from 'ava';
import { hasKubeApiServer } from '../support/kube-api-server.ts';

export const hasCluster = hasKubeApiServer();

/** A test that needs a real API server. One after the other, because they share it. */
export const clusterTest = hasCluster ? test.serial : test.serial.skip;
