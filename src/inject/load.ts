import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { createSecureContext } from 'node:tls';
import { neverMatched } from '../config/cross-check-routes.ts';
import { parseDocument, readText } from '../config/document.ts';
import { openPorts } from '../config/open-ports.ts';
import { ConfigError, type Problem } from '../config/problem.ts';
import { readSchema } from '../config/read-schema.ts';
import { hostText } from '../core/policy/host.ts';
import type { ServerTls } from '../http2/server-tls.ts';
import { codeAndCause } from '../lib/file-causes.ts';
import { isLoopback } from '../lib/loopback.ts';
import { type InjectConfig, injectSchema } from './schema.ts';

/** A checked configuration of `inject`. */
export interface LoadedInject {
  /** Its path and its text, for messages. */
  readonly file: string;
  readonly text: string;
  readonly config: InjectConfig;
  /** The folder where its relative paths start. */
  readonly directory: string;
  /** The contents of the PEM files of `grpc.tls`. */
  readonly tls: ServerTls | undefined;
  /** Settings that weaken security. Logged at start. */
  readonly warnings: readonly string[];
  /** The same with their places. */
  readonly weaknesses: readonly InjectWeakness[];
  /** Ports that answer every client that can reach them. Logged at start. */
  readonly openPorts: readonly string[];
}

/** A choice that is allowed and gives tokens away. Its subject is a setting or an entry of `tokens`. */
export interface InjectWeakness {
  readonly path: readonly PropertyKey[];
  readonly subject: string;
  readonly message: string;
}

/**
 * Reads the configuration of `inject`. Paths in it are relative to it. Does **not** read token files: they
 * may appear later.
 * @throws ConfigError with all problems, each with file, line and key.
 */
export function loadInject(file: string): LoadedInject {
  return parseInject(readText(file), file);
}

/** Does the same for a text. `file` is for messages and for relative paths. */
export function parseInject(text: string, file: string): LoadedInject {
  const document = parseDocument(text, file);
  const { problem } = document;
  const { data: config, problems: found } = readSchema(injectSchema, document);
  if (!config) throw inOrder([...found]);
  const directory = dirname(file);
  const problems = [...sameNames(config), ...unmatched(config), ...openDoor(config)].map(([path, message]) =>
    problem(path, message),
  );
  const tls = readTls(config, directory, (message) => problems.push(problem(['grpc', 'tls'], message)));
  if (problems.length > 0) throw inOrder(problems);
  const weaknesses = findWeaknesses(config);
  const warnings = weaknesses.map(({ subject, message }) => `${subject}: ${message}`);
  return { file, text, config, directory, tls, warnings, weaknesses, openPorts: openPorts(config) };
}

type Finding = [path: readonly PropertyKey[], message: string];

function sameNames({ tokens }: InjectConfig): Finding[] {
  const names = tokens.map(({ name, audience }) => name ?? audience);
  return names.flatMap((name, at): Finding[] =>
    names.indexOf(name) < at
      ? [[['tokens', at], `has the name ${JSON.stringify(name)} of another entry: set a unique name`]]
      : [],
  );
}

/** Patterns that can never match, because of how the proxy reads a Host. */
function unmatched({ tokens, hosts }: InjectConfig): Finding[] {
  return tokens.flatMap(({ hosts: patterns }, at) =>
    patterns.flatMap((pattern, index): Finding[] => {
      const why = neverMatched(pattern, hosts);
      return why === undefined ? [] : [[['tokens', at, 'hosts', index], why]];
    }),
  );
}

/** Refuses a port without access control: a client that can send a check can get every token. */
function openDoor(config: InjectConfig): Finding[] {
  return isOpen(config) && !config.allowInsecureCallers
    ? [
        [
          ['listen', 'grpc'],
          'gives the tokens to every client that can reach it: use an address of this machine, such as 127.0.0.1:9011, or set grpc.tls.clientCaFile',
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
      say(`${name} cannot be read ${codeAndCause((error as NodeJS.ErrnoException).code)}`);
      return '';
    }
  };
  const [cert, key] = [read(tls.certFile), read(tls.keyFile)];
  const clientCa = tls.clientCaFile === undefined ? undefined : read(tls.clientCaFile);
  try {
    // Accepts an empty text, which `read` has reported.
    createSecureContext({ cert, key, ...(clientCa !== undefined && { ca: clientCa }) });
  } catch {
    say(
      'certFile and keyFile must be PEM and belong together, and clientCaFile must hold certificates in PEM',
    );
  }
  return { cert, key, clientCa };
}

function findWeaknesses(config: InjectConfig): readonly InjectWeakness[] {
  const everywhere = config.tokens.flatMap(({ name, audience, hosts }, at) =>
    hosts
      .filter(({ labels }) => labels.every((label) => label.startsWith('*')))
      .map((pattern) => ({
        path: ['tokens', at, 'hosts'],
        subject: `tokens ${name ?? audience}`,
        message: `${hostText(pattern)} sends the token to any host name`,
      })),
  );
  const open = {
    path: ['allowInsecureCallers'],
    subject: 'allowInsecureCallers',
    message: 'every client that can reach listen.grpc can get the tokens',
  };
  return isOpen(config) ? [open, ...everywhere] : everywhere;
}

function inOrder(problems: readonly Problem[]): ConfigError {
  return new ConfigError(problems.toSorted((a, b) => a.line - b.line));
}
