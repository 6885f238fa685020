import { parseArgs } from 'node:util';
import { readText } from '../config/document.ts';
import { parseWithFilesHere } from '../config/load.ts';
import { leavingOut } from '../config/teams/handling.ts';
import type { Revocation } from '../core/revocation/revocation.ts';
import { writeRevocation } from '../core/revocation/written.ts';
import { visible } from '../lib/visible.ts';
import type { RevocationStore } from '../sources/revocation/revocation-store.ts';
import { type Command, configOption, defaultFile, print, printError } from './command.ts';
import { Misuse } from './misuse.ts';
import {
  phraseOfRevocation,
  type RevokeOptions,
  revocationsOf,
  sentenceOfRevocation,
} from './revocation-request.ts';

const text = { type: 'string' } as const;
const many = { type: 'string', multiple: true } as const;
const flag = { type: 'boolean', default: false } as const;

export const revokeCommand: Command = {
  summary: 'Revokes tokens before they expire, at all replicas.',
  usage: [
    'revoke [--config FILE] NAME... [--issuer ISSUER] [--issued-before TIME] [--for DURATION] [--reason TEXT]',
    'revoke [--config FILE] --undo NAME... [--issuer ISSUER]',
    'revoke [--config FILE] --list [--format text|json]',
  ],
  options: {
    ...configOption,
    '--jti ID': 'Revokes one token, by its `jti`. This and the next four may be repeated and combined.',
    '--subject NAME': 'Revokes the tokens of a subject (`sub`), also those that it uses for somebody else.',
    '--client ID': 'Revokes the tokens of an OAuth client (`client_id`, `azp`).',
    '--session ID': 'Revokes the tokens of a session (`sid`).',
    '--spiffe-id ID': 'Revokes the tokens of a workload, and those that it sends.',
    '--issuer ISSUER': 'Only tokens of this issuer, by its name in the configuration.',
    '--issued-before TIME':
      'Only tokens that were issued before: `now`, `2026-12-01T12:00:00Z`, or `10m` for ten minutes ago. `all`: also those that are issued later. Default: `all` for --jti and --session, otherwise `now`. With --issuer alone it revokes all tokens of the issuer.',
    '--for DURATION': 'How long it is kept. Default, and at most: `revocation.keep`.',
    '--reason TEXT': 'Why, for the log.',
    '--undo': 'Takes revocations back that have these names.',
    '--list': 'Shows all revocations.',
    '--format text|json': 'How --list writes them. Default: `text`. `json`: one object a line.',
  },
  notes: `The configuration says where revocations are kept: \`store.redis\`, or \`revocation.file\`.
Every replica learns it within two seconds. A token without \`iat\` counts as issued before every time.`,
  exitCodes: {
    0: 'It is revoked, taken back, or listed.',
    1: 'The configuration has errors, the store does not answer or is full, or nothing was there to take back.',
  },
  examples: {
    'peerproof revoke --subject alice --reason "laptop stolen"':
      'Revokes every token that alice has now. New ones are accepted.',
    'peerproof revoke --jti 0f8fad5b-d9cb-469f-a165-70867728950e': 'Revokes one token.',
    'peerproof revoke --issuer login --issued-before now': 'Revokes every token that the issuer has issued.',
    'peerproof revoke --undo --subject alice': 'Takes a revocation back.',
    'peerproof revoke --list': 'Shows what is revoked, until when, and why.',
  },
  async run(args) {
    const { values } = parseArgs({
      args,
      options: {
        ...{ jti: many, subject: many, client: many, session: many, 'spiffe-id': many },
        ...{ config: text, issuer: text, 'issued-before': text, for: text, reason: text, format: text },
        ...{ undo: flag, list: flag },
      },
    });
    const { config: file = defaultFile, undo, list, format = 'text', ...options } = values;
    checkCombination({ undo, list, format, options });
    const loaded = parseWithFilesHere(readText(file), file, leavingOut());
    const now = Date.now();
    const named = list ? [] : revocationsOf(asked(options, undo), loaded.config, now);
    const { openRevocations } = await import('../serve/open-revocations.ts');
    const opened = await openRevocations(loaded, Date.now);
    if (!opened) {
      printError(
        `${visible(file)}: revocation: is missing: add revocation: {file: revocations.jsonl}, or store.redis and revocation: {}`,
      );
      return 1;
    }
    try {
      if (list) return await showAll(opened.store, format);
      return await (undo ? takeBack : keep)(opened.store, named);
    } catch (error) {
      // What the system says about a file is told by those who know its words.
      if ((error as NodeJS.ErrnoException).syscall !== undefined) throw error;
      printError(visible((error as Error).message));
      return 1;
    } finally {
      opened.close();
    }
  },
};

interface Combination {
  readonly undo: boolean;
  readonly list: boolean;
  readonly format: string;
  readonly options: RevokeOptions;
}

/** @throws Misuse if the options do not belong together */
function checkCombination({ undo, list, format, options }: Combination): void {
  if (format !== 'text' && format !== 'json') throw new Misuse('--format must be text or json');
  const [first] = Object.keys(options);
  if (list && (undo || first !== undefined))
    throw new Misuse(`--list cannot be combined with --${first ?? 'undo'}`);
  const wrong = ['issued-before', 'for', 'reason'].find((name) => Object.hasOwn(options, name));
  if (undo && wrong !== undefined && !isForAll(options))
    throw new Misuse(`--undo cannot be combined with --${wrong}`);
}

/** Whether the options name every token of an issuer, and nothing else. */
function isForAll(options: RevokeOptions): boolean {
  return Object.keys(options).toSorted().join() === 'issued-before,issuer';
}

/** A revocation of every token has a time, also where the time does not matter. */
function asked(options: RevokeOptions, undo: boolean): RevokeOptions {
  const isAll = undo && Object.keys(options).join() === 'issuer';
  return isAll ? { ...options, 'issued-before': 'now' } : options;
}

async function keep(store: RevocationStore, entries: readonly Revocation[]): Promise<number> {
  await store.add(entries);
  for (const entry of entries) print(`revoked: ${visible(sentenceOfRevocation(entry))}`);
  return 0;
}

async function takeBack(store: RevocationStore, entries: readonly Revocation[]): Promise<number> {
  const undone = new Set(await store.undo(entries));
  for (const entry of entries) {
    const name = visible(phraseOfRevocation(entry));
    if (undone.has(entry)) print(`taken back: ${name}`);
    else printError(`not revoked: ${name}`);
  }
  return undone.size === entries.length ? 0 : 1;
}

async function showAll(store: RevocationStore, format: string): Promise<number> {
  const now = Date.now();
  const all = (await store.list())
    .filter(({ until }) => until > now)
    .toSorted((one, other) => one.until - other.until);
  for (const entry of all)
    print(format === 'json' ? JSON.stringify(writeRevocation(entry)) : visible(sentenceOfRevocation(entry)));
  if (format === 'text') printError(all.length === 1 ? '1 revocation' : `${all.length} revocations`);
  return 0;
}
