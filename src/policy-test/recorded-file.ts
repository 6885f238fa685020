import { Document, isMap, isSeq } from 'yaml';
import type { DecisionLine } from '../decision-lines/decision-line.ts';
import type { Rebuilt } from './rebuild.ts';
import type { CallerInput, TestFileInput } from './schema.ts';
import { counted, shown } from './shown.ts';

/** A decision of the log with the request that leads to it. */
export interface RecordedTest {
  readonly line: DecisionLine;
  readonly rebuilt: Rebuilt;
  readonly expect: {
    readonly effect: 'allow' | 'deny' | 'answer';
    readonly reason: string;
    readonly wouldDeny?: string;
    readonly rule?: string;
  };
}

type TestInput = TestFileInput['tests'][number];

/** Decisions that the file lists because they have no test. */
const mostLeftOut = 100;

/**
 * Writes the tests as a file of policy tests. Comments say what was made up, and what is left out. Nothing of
 * the log can end a comment or a string.
 * @param config the configuration, as its path is written into the file
 * @param decisions how many lines the log has
 */
export function recordedFile(
  config: string,
  decisions: number,
  tests: readonly RecordedTest[],
  leftOut: readonly string[],
): string {
  const callers = createCallerNames();
  const written = tests.map((test) => testInput(test, callers));
  const document = new Document({
    config,
    ...(callers.all.size > 0 && { callers: Object.fromEntries(callers.all) }),
    tests: written,
  });
  document.commentBefore = [
    ` Recorded from a decision log with ${counted(decisions, 'decision')}.`,
    ' The log holds neither claims nor headers: each request is one that gets the same decision.',
  ].join('\n');
  const list = document.get('tests');
  for (const [index, { rebuilt }] of tests.entries()) {
    const node = isSeq(list) ? list.items[index] : undefined;
    if (!isMap(node)) continue;
    if (rebuilt.madeUp.length > 0) node.commentBefore = ` Made up: ${rebuilt.madeUp.join('; ')}.`;
    for (const { value } of node.items) if (isMap(value)) value.flow = true;
  }
  if (leftOut.length > 0) document.comment = leftOutComment(leftOut);
  return document.toString({ lineWidth: 0, indentSeq: false, flowCollectionPadding: false });
}

function leftOutComment(leftOut: readonly string[]): string {
  const more = leftOut.length - mostLeftOut;
  return [
    ' Without a test:',
    ...leftOut.slice(0, mostLeftOut).map((what) => ` - ${shown(what)}`),
    ...(more > 0 ? [` - and ${more} more`] : []),
  ].join('\n');
}

function testInput({ line, rebuilt, expect }: RecordedTest, callers: CallerNames): TestInput {
  const { caller, request } = rebuilt;
  const from = Object.keys(caller).length === 0 ? undefined : callers.nameOf(caller, line);
  const { method, host = '', path = '', destination } = line;
  const who = from ?? 'a sender without certificate and token';
  const verb = expect.effect === 'deny' ? 'may not' : 'may';
  const what =
    method === undefined ? `connect to ${destination ?? 'a workload'}` : `${method} ${host}${path}`;
  const name = shown(`${who} ${verb} ${what}`.slice(0, mostName - expect.reason.length));
  const address = `${method} https://${host}${path}`;
  const isPlain = /^[A-Z-]+ https:\/\/[\w.:-]+\/[!-~]*$/.test(address) && Object.keys(request).length === 3;
  return {
    name: `${name} (${expect.reason})`,
    request: isPlain ? address : request,
    ...(from !== undefined && { from }),
    ...(destination !== undefined && { to: destination }),
    expect: expect as TestInput['expect'],
  };
}

/** Characters, without the reason and its parentheses. */
const mostName = 197;

interface CallerNames {
  readonly all: ReadonlyMap<string, CallerInput>;
  nameOf(caller: CallerInput, line: DecisionLine): string;
}

/** Gives each sender a name that says who it is. */
function createCallerNames(): CallerNames {
  const all = new Map<string, CallerInput>();
  const known = new Map<string, string>();
  const taken = new Map<string, number>();
  return {
    all,
    nameOf(caller, { client_id: client, service_account: account, spiffe_id: id, subject }) {
      const key = JSON.stringify(caller);
      const before = known.get(key);
      if (before !== undefined) return before;
      const who = client ?? account?.split('/')[1] ?? id?.split('/').at(-1) ?? subject ?? 'caller';
      const plain =
        who
          .replace(/[^A-Za-z0-9]+/g, '-')
          .replace(/^-/, '')
          .slice(0, 40) || 'caller';
      const number = (taken.get(plain) ?? 0) + 1;
      taken.set(plain, number);
      // A plain name holds no dot, so no numbered name is the plain name of another caller.
      const name = number === 1 ? plain : `${plain}.${number}`;
      known.set(key, name);
      all.set(name, caller);
      return name;
    },
  };
}
