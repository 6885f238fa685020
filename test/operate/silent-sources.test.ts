import test from 'ava';
import { createLineLog } from '../../src/operate/log-line.ts';
import type { DependencyStates } from '../../src/operate/readiness.ts';
import { SilentSources } from '../../src/operate/silent-sources.ts';
import type { IssuerState } from '../../src/operate/states.ts';
import { waitFor } from '../support/wait.ts';

const corp: IssuerState = {
  ...{ issuer: 'corp', iss: 'https://corp', knownFor: 1, keys: true, keyAge: undefined, maxKeyAge: 1 },
  ...{ answered: false, fetches: 1, failures: 1, bulkhead: { waiting: 0, refused: 0 } },
  ...{ reason: 'keys_unavailable', failure: 'ECONNREFUSED', failingSince: 1 },
};
const bundle = { trustDomain: 'x.example', authorities: 0, age: undefined, failure: 'answered 404' };

function start(states: DependencyStates, waits = true) {
  const lines: string[] = [];
  const now = { states, waits };
  const log = createLineLog({ write: (line: string) => lines.push(line) });
  const sources = new SilentSources({ states: () => now.states, waits: () => now.waits, log, every: 10 });
  return { lines, now, sources };
}

const silent: DependencyStates = {
  issuers: [corp, { ...corp, issuer: 'b', answered: true }],
  bundles: [bundle],
};
const well: DependencyStates = { issuers: [{ ...corp, answered: true }], bundles: [{ ...bundle, age: 1 }] };

test('silent sources – the log names each of them again and again, until it has answered', async (t) => {
  const { lines, now, sources } = start(silent);
  t.teardown(() => sources.stop());
  sources.report();
  t.deepEqual(
    lines.map((line) => JSON.parse(line)).map(({ event, of, reason }) => [event, of, reason]),
    [
      ['never_answered', 'issuer corp', 'keys_unavailable'],
      ['never_answered', 'bundle of x.example', 'bundle_unavailable'],
    ],
  );
  await waitFor('a second time', 5_000, () => lines.length >= 4);
  now.states = well;
  const said = lines.length;
  sources.report();
  t.is(lines.length, said);
});

test('silent sources – after the end nothing is logged', (t) => {
  const { lines, sources } = start(silent);
  sources.stop();
  sources.report();
  t.deepEqual(lines, []);
});

test('silent sources – hold back a start only if they shall, and never a process that was ready', (t) => {
  const missing = ['issuer corp', 'bundle of x.example'];
  const { now, sources } = start(silent);
  t.deepEqual(sources.silence('serving'), { missing, holdsBack: true });
  now.states = well;
  // Not ready yet for another reason, so a source that is silent later still counts.
  t.deepEqual(sources.silence('starting'), { missing: [], holdsBack: false });
  now.states = silent;
  t.true(sources.silence('serving').holdsBack);
  now.states = well;
  t.false(sources.silence('serving').holdsBack);
  now.states = silent;
  t.deepEqual(sources.silence('serving'), { missing, holdsBack: false });
});

test('silent sources – a process that was ready stays ready when the setting is added', (t) => {
  const { now, sources } = start(silent, false);
  t.false(sources.silence('serving').holdsBack);
  now.waits = true;
  t.false(sources.silence('serving').holdsBack);
});
