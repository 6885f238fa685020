import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The programs of a control plane. */
export const programs = ['kube-apiserver', 'etcd'] as const;

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
