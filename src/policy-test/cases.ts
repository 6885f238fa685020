import type { ConfigDocument } from '../config/document.ts';
import type { Problem } from '../config/problem.ts';
import { parseSpiffeId } from '../core/peer/spiffe-id.ts';
import { quoted } from '../lib/excerpt.ts';
import { Malformed } from '../lib/malformed.ts';
import type { TrialRequest } from '../trial/trial.ts';
import { type Caller, createCaller } from './caller.ts';
import type { Expectation, PolicyTest, RequestContent, TestFileContent } from './schema.ts';

/** One request with its expectation. */
export interface Case {
  readonly name: string;
  readonly request: TrialRequest;
  /** The name of the caller, if it has one. */
  readonly from: string | undefined;
  readonly expected: Expectation;
  /** Where the test is written. Finding the line takes long, so only failures look for it. */
  readonly place: () => Pick<Problem, 'file' | 'line'>;
}

/** What tests refer to. */
interface Known {
  readonly content: TestFileContent;
  /** Of the configuration. */
  readonly issuers: readonly string[];
  readonly rules: ReadonlySet<string>;
  /** Those of `content` that have no problem. */
  readonly callers: ReadonlyMap<string, Caller>;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Of one file. Two lists of a thousand entries would make a million. */
export const mostCases = 100_000;

type Path = readonly PropertyKey[];
type Say = (path: Path, message: string) => void;

/**
 * The cases of a file: a test with lists becomes one for each combination. Names that do not exist are
 * problems. Does **not** check that a request can be read: a test may send what the service must refuse.
 * @param names those of the configuration
 * @param now milliseconds since the epoch
 */
export function createCases(
  content: TestFileContent,
  { problem }: Pick<ConfigDocument, 'problem'>,
  names: Pick<Known, 'issuers' | 'rules'>,
  now: number,
): { readonly cases: readonly Case[]; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const say: Say = (path, message) => problems.push(problem(path, message));
  const callers = readCallers(content, names.issuers, now, say);
  const known = { ...names, content, callers, now };
  const cases: Case[] = [];
  for (const [index, test] of content.tests.entries()) {
    const path = ['tests', index];
    const mine = casesOf(
      test,
      known,
      () => problem(path, ''),
      (below, message) => say([...path, ...below], message),
    );
    if (!mine || cases.length + mine.length > mostCases) {
      say(path, `makes more than ${mostCases} tests, together with the tests before it`);
      break;
    }
    cases.push(...mine);
  }
  return { cases, problems };
}

/** Undefined if there are too many. */
function casesOf(
  test: PolicyTest,
  known: Known,
  place: Case['place'],
  say: Say,
): readonly Case[] | undefined {
  const expected = readExpectation(test, known.rules, say);
  const destination = readDestination(test, known.content, say);
  const requests = requestsOf(test, say);
  const senders = sendersOf(test, known, say);
  if (requests.length * senders.length > mostCases) return undefined;
  return requests.flatMap((sent) =>
    senders.map(([from, { peer, token, client, text }]): Case => {
      const headers = { ...sent.headers, ...(text !== undefined && { authorization: `Bearer ${text}` }) };
      const request = { ...sent, headers, destination, peer, token, client };
      const parts = [
        ...(senders.length > 1 && from ? [from] : []),
        ...(requests.length > 1 ? [describeRequest(sent)] : []),
      ];
      const name = parts.length > 0 ? `${test.name} (${parts.join(', ')})` : test.name;
      return { name, request, from, expected, place };
    }),
  );
}

/** The request on one line. */
export function describeRequest({ protocol, method, host, path, destination, port }: TrialRequest): string {
  const workload = destination ? ` at ${destination}` : '';
  if (protocol === 'tcp') return `a connection to port ${port ?? 0}${workload}`;
  return `${method} ${host}${path}${workload}`;
}

function readCallers(
  { callers }: TestFileContent,
  issuers: readonly string[],
  now: number,
  say: Say,
): ReadonlyMap<string, Caller> {
  return new Map(
    Object.entries(callers).flatMap(([name, content]): [string, Caller][] => {
      const caller = createCaller(content, {}, issuers, now);
      if (typeof caller !== 'string') return [[name, caller]];
      say(['callers', name, 'token', 'issuer'], caller);
      return [];
    }),
  );
}

const nobody: Caller = { peer: undefined, token: undefined, client: undefined, text: undefined };

function sendersOf(
  { from }: PolicyTest,
  { content, callers, issuers, now }: Known,
  say: Say,
): readonly (readonly [name: string | undefined, Caller])[] {
  if (from === undefined) return [[undefined, nobody]];
  const names = Object.keys(content.callers).join(', ') || 'none';
  const unknown = (path: Path, name: string) =>
    say(path, `is not in callers: ${quoted(name)}; callers here: ${names}`);
  if (typeof from === 'object' && !Array.isArray(from)) {
    const { like, ...over } = from;
    const base = like === undefined ? undefined : ownValue(content.callers, like);
    if (like !== undefined && base === undefined) unknown(['from', 'like'], like);
    const caller = createCaller(over, base ?? {}, issuers, now);
    if (typeof caller !== 'string') return [[undefined, caller]];
    say(['from', 'token', 'issuer'], caller);
    return [];
  }
  return [from].flat().flatMap((name, index): [string, Caller][] => {
    const caller = callers.get(name);
    if (caller) return [[name, caller]];
    // A caller that is there and has a problem was reported at its own place.
    if (!Object.hasOwn(content.callers, name))
      unknown(Array.isArray(from) ? ['from', index] : ['from'], name);
    return [];
  });
}

/** Rules that a message lists. */
const mostNames = 20;

function readExpectation({ expect }: PolicyTest, rules: Known['rules'], say: Say): Expectation {
  const expected: Expectation =
    typeof expect === 'string' ? { effect: expect, headers: {}, without: [] } : expect;
  if (expected.rule !== undefined && !rules.has(expected.rule))
    say(
      ['expect', 'rule'],
      `is not a rule of the configuration; its rules: ${[...rules].slice(0, mostNames).join(', ')}`,
    );
  return expected;
}

function readDestination(
  { to }: PolicyTest,
  { destinations }: TestFileContent,
  say: Say,
): string | undefined {
  if (to === undefined) return undefined;
  const named = ownValue(destinations, to);
  const names = Object.keys(destinations).join(', ') || 'none';
  if (named === undefined && parseSpiffeId(to) instanceof Malformed)
    say(['to'], `is neither in destinations nor a SPIFFE ID; destinations here: ${names}`);
  return named ?? to;
}

function ownValue<Value>(record: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

type SentRequest = Pick<
  TrialRequest,
  'protocol' | 'method' | 'host' | 'path' | 'headers' | 'port' | 'context'
>;

function requestsOf({ request }: PolicyTest, say: Say): readonly SentRequest[] {
  return [request].flat().map((written, index) => {
    const path = Array.isArray(request) ? ['request', index, 'host'] : ['request', 'host'];
    if (typeof written !== 'string' && written.protocol === 'http' && written.host === undefined)
      say(path, 'is missing: must be the Host of the request, such as orders.example.com');
    return readRequest(written);
  });
}

function readRequest(written: RequestContent): SentRequest {
  if (typeof written !== 'string') {
    const { host = '', headers, ...rest } = written;
    const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
    return { ...rest, host, headers: Object.fromEntries(lower) };
  }
  const space = written.indexOf(' ');
  const address = written.slice(space + 1).replace(/^https?:\/\//, '');
  const slash = address.indexOf('/');
  const host = slash < 0 ? address : address.slice(0, slash);
  return { method: written.slice(0, space), host, path: slash < 0 ? '/' : address.slice(slash) };
}
