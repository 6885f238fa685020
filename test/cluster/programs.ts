import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import test from 'ava';

/** The programs of a control plane. */
const programs = ['kube-apiserver', 'etcd'] as const;

/** The folder that the tests of Kubernetes controllers use, and those of `PATH`. */
const folders = [process.env.KUBEBUILDER_ASSETS ?? '', ...(process.env.PATH ?? '').split(delimiter)];

/** The path of a program; undefined if it is not on this machine. */
export function findControlPlane(name: (typeof programs)[number]): string | undefined {
  return folders
    .filter(Boolean)
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const missing = programs.filter((name) => !findControlPlane(name));
if (missing.length > 0) console.warn(`SKIPPED: no ${missing.join(' and no ')} in KUBEBUILDER_ASSETS or PATH`);

/** A test that needs a real API server. One after the other, because they share it. */
export const clusterTest = missing.length > 0 ? test.serial.skip : test.serial;
export const hasCluster = missing.length === 0;
