import { existsSync } from 'node:fs';
import { ConfigError, type Problem, problemLine } from '../config/problem.ts';
import { codeAndCause } from '../lib/file-causes.ts';
import { visible } from '../lib/visible.ts';
import { readBuild } from '../operate/build.ts';
import { defaultFile, defaultInjectFile } from './command.ts';

/**
 * What a person reads about an error that ended a command. Only a bug has a stack: what a file, the network or
 * the arguments caused is told in words.
 */
export function failureLines(error: unknown): readonly string[] {
  if (error instanceof ConfigError)
    return [...error.problems.map(problemLine), ...firstSteps(error.problems)];
  const { code, path, syscall, message } = error as NodeJS.ErrnoException;
  if (syscall !== undefined && code !== undefined) {
    const file = `${path ?? 'a file'}: cannot be used ${codeAndCause(code)}`;
    // The error of a folder that is read as a file has no path.
    return [visible(path === undefined && syscall !== 'read' ? message : file)];
  }
  return [
    String((error as Error).stack ?? error),
    `This is a bug of peerproof ${readBuild().version}. Please report it with these lines: see CONTRIBUTING.md.`,
  ];
}

/** For a person who has no configuration yet: the only problem is that the usual file is missing. */
export function firstSteps([first, ...others]: readonly Problem[]): readonly string[] {
  const isMissing =
    first !== undefined &&
    others.length === 0 &&
    [defaultFile, defaultInjectFile].includes(first.file) &&
    !existsSync(first.file);
  if (!isMissing) return [];
  const write = first.file === defaultFile ? ', and peerproof init writes a first configuration' : '';
  return [`--config FILE names another file${write}.`];
}
