import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { createSecureContext } from 'node:tls';
import { neverMatched } from '../config/cross-check-routes.ts';
import { type ConfigDocument, parseDocument, readDocument } from '../config/document.ts';
import { openPorts } from '../config/open-ports.ts';
import { ConfigError, type Problem } from '../config/problem.ts';
import { readSchema } from '../config/read-schema.ts';
import { hostText } from '../core/policy/host.ts';
import { isLoopback } from '../lib/loopback.ts';
import { type InjectConfig, injectSchema } from './schema.ts';

/** A configuration of `inject` that is whole. */
export interface LoadedInject {
  readonly config: InjectConfig;
  /** Where its relative paths start. */
  readonly directory: string;
  /** PEM, of the files that `grpc.tls` names. */
  readonly tls:
    | { readonly cert: string; readonly key: string; readonly clientCa: string | undefined }
    | undefined;
  /** Weaker choices: logged at start. */
  readonly warnings: readonly string[];
  /** Ports that answer whoever reaches them: said at start. */
  readonly openPorts: readonly string[];
}

/**
 * Reads the configuration of `inject`. Paths in it are relative to it. Token files are not looked at: they may come later.
 * @throws ConfigError with all problems, each with file, line and key.
 */
export function loadInject(file: string): LoadedInject {
  return check(readDocument(file), file);
}

/** The same for a text; `file` is for messages and for relative paths. */
export function parseInject(text: string, file: string): LoadedInject {
  return check(parseDocument(text, file), file);
}

function check(document: ConfigDocument, file: string): LoadedInject {
  const { problem } = document;
  const { data: config, problems: found } = readSchema(injectSchema, document);
  if (!config) throw inOrder([...found]);
  const directory = dirname(file);
  const problems = [...sameNames(config), ...unmatched(config), ...openDoor(config)].map(([path, message]) =>
    problem(path, message),
  );
  const tls = readTls(config, directory, (message) => problems.push(problem(['grpc', 'tls'], message)));
  if (problems.length > 0) throw inOrder(problems);
  return { config, directory, tls, warnings: warningsOf(config), openPorts: openPorts(config) };
}

type Finding = [path: readonly PropertyKey[], message: string];

function sameNames({ tokens }: InjectConfig): Finding[] {
  const names = tokens.map(({ name, audience }) => name ?? audience);
  return names.flatMap((name, at): Finding[] =>
    names.indexOf(name) < at
      ? [[['tokens', at], `another entry is called ${JSON.stringify(name)} too: give it a name of its own`]]
      : [],
  );
}

/** Patterns that no Host can match as the proxy reads it. */
function unmatched({ tokens, hosts }: InjectConfig): Finding[] {
  return tokens.flatMap(({ hosts: patterns }, at) =>
    patterns.flatMap((pattern, index): Finding[] => {
      const why = neverMatched(pattern, hosts);
      return why === undefined ? [] : [[['tokens', at, 'hosts', index], why]];
    }),
  );
}

/** Whoever can send a check can have every token, so the door is shut where nothing says who comes in. */
function openDoor(config: InjectConfig): Finding[] {
  return isOpen(config) && !config.allowInsecureCallers
    ? [
        [
          ['listen', 'grpc'],
          'whoever reaches it is given the tokens: must be an address of this machine, such as 127.0.0.1:9011, or grpc.tls.clientCaFile must be set',
        ],
      ]
    : [];
}

function isOpen({ listen, grpc }: InjectConfig): boolean {
  return !isLoopback(listen.grpc.host) && !grpc.tls?.clientCaFile;
}

function readTls({ grpc: { tls } }: InjectConfig, directory: string, say: (message: string) => void) {
  if (!tls) return undefined;
  const read = (name: string): string => {
    try {
      return readFileSync(resolve(directory, name), 'utf8');
    } catch (error) {
      say(`${name} cannot be read (${(error as NodeJS.ErrnoException).code})`);
      return '';
    }
  };
  const [cert, key] = [read(tls.certFile), read(tls.keyFile)];
  const clientCa = tls.clientCaFile === undefined ? undefined : read(tls.clientCaFile);
  try {
    // Passes over an empty text, which was said above.
    createSecureContext({ cert, key, ...(clientCa !== undefined && { ca: clientCa }) });
  } catch {
    say('certFile and keyFile must be a pair in PEM, and clientCaFile a certificate');
  }
  return { cert, key, clientCa };
}

function warningsOf(config: InjectConfig): string[] {
  const everywhere = config.tokens.flatMap(({ name, audience, hosts }) =>
    hosts
      .filter(({ labels }) => labels.every((label) => label.startsWith('*')))
      .map(
        (pattern) => `tokens ${name ?? audience}: ${hostText(pattern)} sends the token to hosts of any name`,
      ),
  );
  return isOpen(config)
    ? ['allowInsecureCallers: whoever reaches listen.grpc is given the tokens', ...everywhere]
    : everywhere;
}

function inOrder(problems: readonly Problem[]): ConfigError {
  return new ConfigError(problems.toSorted((a, b) => a.line - b.line));
}
