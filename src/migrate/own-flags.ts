import { parseArgs } from 'node:util';
import { didYouMean } from '../lib/nearest.ts';
import { options } from './options.ts';
import { isTargetName, type TargetName, targetNames } from './target.ts';

/** The flags of `migrate` itself, before `--`. */
export interface OwnFlags {
  readonly cfg: string | undefined;
  readonly values: string | undefined;
  /** What `--for` asks for. Undefined: only the configuration. */
  readonly folder: FolderFlags | undefined;
}

export interface FolderFlags {
  readonly target: TargetName;
  /** The folder to write. */
  readonly out: string;
  /** The namespaces of the applications. */
  readonly namespaces: readonly string[];
  /** Undefined: that of the manifests, which is an example. */
  readonly image: string | undefined;
  /** A file with the APIRules of the cluster. */
  readonly apiRules: string | undefined;
  readonly authorizer: string;
  /** A file with the mesh configuration of Istio. */
  readonly mesh: string | undefined;
}

/**
 * Reads the arguments before `--`. Replaces errors of `parseArgs`, which quote arguments: a secret may be on
 * the wrong side of `--`. @throws errors with the codes of `parseArgs` (ERR_PARSE_ARGS_…)
 */
export function readOwnFlags(args: readonly string[]): OwnFlags {
  const { cfg, values, ...own } = parse(args);
  return { cfg, values, folder: readFolderFlags(own) };
}

function readFolderFlags({ for: target, out, namespace = [], ...own }: Written): FolderFlags | undefined {
  const { image, apirules, authorizer, mesh } = own;
  if (target === undefined) {
    if ([out, image, apirules, authorizer, mesh, ...namespace].some((one) => one !== undefined))
      throw misuse('--out, --namespace, --image, --apirules, --authorizer and --mesh need --for');
    return undefined;
  }
  if (!isTargetName(target))
    throw misuse(`--for must be one of ${targetNames.join(', ')}${didYouMean(target, targetNames)}`);
  if (out === undefined || out === '') throw misuse('--for needs --out DIR, the folder to write');
  if (namespace.some((name) => !/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name)))
    throw misuse('--namespace must be the name of a namespace, such as applications');
  if (image !== undefined && !/^[\w.:/@-]{1,512}$/.test(image))
    throw misuse('--image must be the name of an image, such as registry.example.com/peerproof:1.0.0');
  if (target !== 'kyma' && (apirules !== undefined || authorizer !== undefined))
    throw misuse('--apirules and --authorizer are for kyma');
  if (mesh !== undefined && target !== 'istio' && target !== 'kubeflow')
    throw misuse('--mesh is for istio and kubeflow');
  if (authorizer !== undefined && !/^[\w.-]{1,253}$/.test(authorizer))
    throw misuse('--authorizer must be the name of an authorizer, such as oauth2-proxy');
  const namespaces = [...new Set(namespace)];
  return {
    target,
    out,
    namespaces,
    image,
    apiRules: apirules,
    authorizer: authorizer ?? 'oauth2-proxy',
    mesh,
  };
}

type Written = Omit<ReturnType<typeof parse>, 'cfg' | 'values'>;

function parse(args: readonly string[]) {
  try {
    const one = { type: 'string' } as const;
    const names = {
      cfg: one,
      values: one,
      for: one,
      out: one,
      image: one,
      apirules: one,
      authorizer: one,
      mesh: one,
    } as const;
    const namespace = { type: 'string', multiple: true } as const;
    return parseArgs({ args: [...args], options: { ...names, namespace } }).values;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw Object.assign(new Error(wrongSide(args)), { code });
  }
}

/** Names an option of oauth2-proxy before `--`, and never a value. */
function wrongSide(args: readonly string[]): string {
  const allowed = 'only --cfg FILE, --values FILE, and --for NAME with its flags are allowed before --';
  const names = args.flatMap((arg) => /^--([a-z0-9-]+)/.exec(arg)?.[1] ?? []);
  const name = names.find((one) => options.has(one));
  return name === undefined
    ? allowed
    : `${allowed}: --${name} belongs to oauth2-proxy, so write it after them, as in -- --${name}=VALUE`;
}

function misuse(message: string): Error {
  return Object.assign(new Error(message), { code: 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE' });
}
