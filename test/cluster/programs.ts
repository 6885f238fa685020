import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import test from 'ava';

/** The programs of a control plane, and the variable that names each. Otherwise `PATH` is searched. */
const variables = { 'kube-apiserver': 'KUBE_APISERVER', etcd: 'ETCD' } as const;

type ProgramName = keyof typeof variables;

/** The path of a program; undefined if it is not on this machine. */
export function findControlPlane(name: ProgramName): string | undefined {
  const named = process.env[variables[name]];
  if (named) return named;
  return (process.env.PATH ?? '')
    .split(delimiter)
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

const missing = (Object.keys(variables) as ProgramName[]).filter((name) => !findControlPlane(name));
if (missing.length > 0)
  console.warn(
    `SKIPPED: no ${missing.join(' and no ')} on this machine. ${missing.map((name) => variables[name]).join(' and ')} can name it.`,
  );

/** A test that needs a real API server. One after the other, because they share it. */
export const clusterTest = missing.length > 0 ? test.serial.skip : test.serial;
export const hasCluster = missing.length === 0;
