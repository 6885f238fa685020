import test, { type ExecutionContext } from 'ava';
import { Gone } from '../../src/sources/rule-objects-api.ts';
import { WatchedRules } from '../../src/sources/watched-rules.ts';
import { waitFor } from '../support/wait.ts';
import { recorded } from './rule-objects-server.ts';

type Emit = (type: string, object: object) => void;

/** An API server whose answers the test decides. */
class Api {
  lists: (() => readonly object[])[] = [];
  watches: ((emit: Emit) => void | Promise<void>)[] = [];
  readonly from: string[] = [];
  listed = 0;
  #end = Promise.withResolvers<void>();

  async list(onObject: (object: unknown) => void): Promise<string> {
    this.listed++;
    const next = this.lists.length > 1 ? this.lists.shift() : this.lists[0];
    for (const object of next?.() ?? []) onObject(object);
    return `${100 * this.listed}`;
  }

  async watch(from: string, onEvent: Emit, onOpen: () => void): Promise<void> {
    this.from.push(from);
    onOpen();
    const next = this.watches.shift();
    if (next) await next(onEvent);
    else await this.#end.promise;
  }

  close(): void {
    this.#end.resolve();
  }
}

interface Watching {
  readonly api: Api;
  readonly rules: WatchedRules;
  readonly said: (string | undefined)[];
  readonly statuses: string[];
  changes(): number;
  keys(): string[];
}

function watching(t: ExecutionContext, api: Api): Watching {
  const said: (string | undefined)[] = [];
  const statuses: string[] = [];
  let changes = 0;
  const rules = new WatchedRules({
    api,
    clock: () => 1_000,
    onRules: () => changes++,
    onStatus: ({ key }) => statuses.push(key),
    report: (failure) => said.push(failure),
    random: () => 0,
    firstPause: 2,
  });
  t.teardown(() => rules.stop());
  return {
    ...{ api, rules, said, statuses },
    changes: () => changes,
    keys: () => rules.objects().map(({ key }) => key),
  };
}

const written = (name: string, generation: number, resourceVersion: string) =>
  recorded('a', name, { generation, resourceVersion });
const fail = (message: string) => () => {
  throw new Error(message);
};

test('watched rules – a list, then each event: added, changed, only the status, gone', async (t) => {
  const api = new Api();
  api.lists = [() => [written('one', 1, '1')]];
  let emit: Emit = () => undefined;
  api.watches = [
    (to) => {
      emit = to;
      return new Promise(() => undefined);
    },
  ];
  const world = watching(t, api);
  await world.rules.start();
  t.deepEqual(world.keys(), ['a/one']);
  t.is(world.changes(), 1);
  emit('ADDED', written('two', 1, '2'));
  emit('MODIFIED', written('one', 2, '3'));
  t.is(world.changes(), 3);
  emit('MODIFIED', written('one', 2, '4'));
  t.is(world.changes(), 3);
  t.deepEqual(world.statuses, ['a/one']);
  emit('DELETED', written('one', 2, '5'));
  t.deepEqual(world.keys(), ['a/two']);
  t.is(world.changes(), 4);
  emit('NONSENSE', { no: 'object' });
  emit('ADDED', { metadata: null });
  t.deepEqual(world.keys(), ['a/two']);
});

test('watched rules – the next watch begins after the last event, also after a bookmark', async (t) => {
  const api = new Api();
  api.lists = [() => []];
  api.watches = [
    (emit) => emit('ADDED', written('one', 1, '101')),
    (emit) => emit('BOOKMARK', { metadata: { resourceVersion: '150' } }),
  ];
  const world = watching(t, api);
  await world.rules.start();
  await waitFor('the third watch', 2_000, () => api.from.length === 3);
  t.deepEqual(api.from, ['100', '101', '150']);
  t.is(api.listed, 1);
  t.deepEqual(world.said, []);
});

test('watched rules – if the version is too old, everything is listed again, and what is gone is gone', async (t) => {
  const api = new Api();
  api.lists = [() => [written('one', 1, '1'), written('two', 1, '1')], () => [written('two', 1, '1')]];
  api.watches = [
    () => {
      throw new Gone('410');
    },
  ];
  const world = watching(t, api);
  await world.rules.start();
  await waitFor('the second watch', 2_000, () => api.from.length === 2);
  t.deepEqual(world.keys(), ['a/two']);
  t.is(world.changes(), 2);
  t.deepEqual(world.said, []);
});

test('watched rules – a list that says the same is no change', async (t) => {
  const api = new Api();
  api.lists = [() => [written('one', 1, '1')]];
  api.watches = [
    () => {
      throw new Gone('410');
    },
  ];
  const world = watching(t, api);
  await world.rules.start();
  await waitFor('the second watch', 2_000, () => api.from.length === 2);
  t.is(world.changes(), 1);
  t.deepEqual(world.statuses, ['a/one']);
});

test('watched rules – an outage leaves the last known objects, and is reported until it is over', async (t) => {
  const api = new Api();
  api.lists = [() => [written('one', 1, '1')]];
  const out = fail('connect ECONNREFUSED');
  api.watches = [(emit) => emit('ADDED', written('two', 1, '2')), out, out];
  const world = watching(t, api);
  await world.rules.start();
  await waitFor('the outage is over', 2_000, () => api.from.length === 4 && world.said.includes(undefined));
  t.deepEqual(world.keys(), ['a/one', 'a/two']);
  t.is(world.said[0], 'connect ECONNREFUSED');
  t.is(world.said.at(-1), undefined);
  t.is(world.rules.failure, undefined);
  t.is(world.rules.failures, 2);
  t.is(api.listed, 1);
});

test('watched rules – a start without the API server resolves, knows nothing, and goes on', async (t) => {
  const api = new Api();
  api.lists = [fail('no route'), () => [written('one', 1, '1')]];
  const world = watching(t, api);
  await world.rules.start();
  t.false(world.rules.isComplete);
  t.is(world.rules.heardAt, undefined);
  t.is(world.rules.failure, 'no route');
  await waitFor('the list', 2_000, () => world.rules.isComplete);
  t.deepEqual(world.keys(), ['a/one']);
  t.is(world.changes(), 1);
  t.is(world.rules.heardAt, 1_000);
});

test('watched rules – watches that end at once are not opened in a hurry', async (t) => {
  const api = new Api();
  api.lists = [() => []];
  api.watches = Array.from({ length: 1_000 }, () => () => undefined);
  const world = watching(t, api);
  await world.rules.start();
  await new Promise((resolve) => setTimeout(resolve, 100));
  // Each pause is twice as long as the one before.
  t.true(api.from.length < 10, `${api.from.length} watches`);
});

test('watched rules – objects that were created again are other ones', async (t) => {
  const api = new Api();
  api.lists = [() => [written('one', 1, '1')]];
  api.watches = [(emit) => emit('ADDED', recorded('a', 'one', { uid: 'another' }))];
  const world = watching(t, api);
  await world.rules.start();
  await waitFor('the event', 2_000, () => world.changes() === 2);
  t.pass();
});

test('watched rules – the oldest objects come first, and of each namespace only four are kept', async (t) => {
  const api = new Api();
  const at = (name: string, createdAt: string) => recorded('a', name, { creationTimestamp: createdAt });
  const many = ['5', '3', '1', '4', '2', '6'].map((day) => at(`n${day}`, `2026-11-0${day}T00:00:00Z`));
  api.lists = [
    () => [...many, recorded('b', 'old', { creationTimestamp: '2020-01-01T00:00:00Z' })],
    () => [many[0] ?? {}, many[5] ?? {}],
  ];
  let emit: Emit = () => undefined;
  let end: () => void = () => undefined;
  api.watches = [
    (to) => {
      emit = to;
      return new Promise((resolve) => {
        end = resolve;
      });
    },
  ];
  const world = watching(t, api);
  await world.rules.start();
  t.deepEqual(world.keys(), ['b/old', 'a/n1', 'a/n2', 'a/n3', 'a/n4']);
  // One that was left out may take the place.
  emit('DELETED', at('n1', '2026-11-01T00:00:00Z'));
  end();
  await waitFor('the second list', 2_000, () => api.listed === 2);
  await waitFor('the objects', 2_000, () => world.keys().length === 2);
  t.deepEqual(world.keys(), ['a/n5', 'a/n6']);
});

test('watched rules – after stop nothing is asked any more', async (t) => {
  const api = new Api();
  api.lists = [fail('no route')];
  const world = watching(t, api);
  await world.rules.start();
  world.rules.stop();
  const { listed } = api;
  await new Promise((resolve) => setTimeout(resolve, 50));
  t.is(api.listed, listed);
});
