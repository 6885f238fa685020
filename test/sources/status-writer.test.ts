import test from 'ava';
import { type RuleObject, readRuleObject } from '../../src/sources/rule-objects.ts';
import type { StatusWrite } from '../../src/sources/rule-objects-api.ts';
import { StatusWriter } from '../../src/sources/status-writer.ts';
import { waitFor } from '../support/wait.ts';
import { recorded } from './rule-objects-server.ts';

/** Objects with a status that is a text, and what replicas want it to be. */
class Objects {
  readonly statuses = new Map<string, string>();
  readonly writes: string[] = [];
  answers: (StatusWrite | Error)[] = [];
  wanted = 'right';
  gone = new Set<string>();

  async writeStatus({ key }: RuleObject, status: object): Promise<StatusWrite> {
    this.writes.push(key);
    const answer = this.answers.shift() ?? 'written';
    if (answer instanceof Error) throw answer;
    if (answer === 'written') this.statuses.set(key, (status as { text: string }).text);
    return answer;
  }
}

const objectOf = (name: string) => readRuleObject(recorded('a', name)) as RuleObject;
const [one, two] = [objectOf('one'), objectOf('two')];

function writerOf(objects: Objects, said: (string | undefined)[] = []): StatusWriter {
  return new StatusWriter({
    api: objects,
    current: (object) => (objects.gone.has(object.key) ? undefined : object),
    needed: ({ key }) =>
      objects.statuses.get(key) === objects.wanted ? undefined : { text: objects.wanted },
    report: (failure) => said.push(failure),
    random: () => 0,
    spread: 0,
    pace: 0,
  });
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 30));

test('status – it is written if it is not right, and only then', async (t) => {
  const objects = new Objects();
  objects.statuses.set('a/two', 'right');
  const writer = writerOf(objects);
  for (let n = 0; n < 3; n++) for (const object of [one, two]) writer.look(object);
  await waitFor('the write', 1_000, () => objects.writes.length > 0);
  await settle();
  t.deepEqual(objects.writes, ['a/one']);
  t.is(writer.writes, 1);
  writer.stop();
});

test('status – of several replicas one writes, and the others find it done', async (t) => {
  const objects = new Objects();
  const replicas = [1, 2, 3].map(() => writerOf(objects));
  for (const replica of replicas) replica.look(one);
  await settle();
  t.deepEqual(objects.writes, ['a/one']);
  for (const replica of replicas) replica.stop();
});

test('status – if the object has changed meanwhile, its new form is waited for', async (t) => {
  const objects = new Objects();
  objects.answers = ['changed'];
  const said: unknown[] = [];
  const writer = writerOf(objects, said as string[]);
  writer.look(one);
  await settle();
  t.deepEqual(objects.writes, ['a/one']);
  writer.look(one);
  await settle();
  t.is(objects.statuses.get('a/one'), 'right');
  t.deepEqual(said, []);
  writer.stop();
});

test('status – an object that is gone is left alone', async (t) => {
  const objects = new Objects();
  const writer = writerOf(objects);
  objects.gone.add('a/one');
  writer.look(one);
  await settle();
  t.deepEqual(objects.writes, []);
  writer.stop();
});

test('status – if somebody else keeps changing it, it is written less and less often', async (t) => {
  const objects = new Objects();
  const writer = writerOf(objects);
  for (let n = 0; n < 3; n++) {
    objects.statuses.set('a/one', 'wrong');
    writer.look(one);
    await settle();
  }
  // The second write is a second after the first.
  t.deepEqual(objects.writes, ['a/one']);
  // Another text is written at once.
  objects.wanted = 'new';
  writer.look(one);
  await waitFor('the new text', 1_000, () => objects.statuses.get('a/one') === 'new');
  t.is(objects.writes.length, 2);
  writer.stop();
});

test('status – a failure is reported, does not stop the writer, and is counted', async (t) => {
  const objects = new Objects();
  objects.answers = [new Error('answered 403')];
  const said: (string | undefined)[] = [];
  const writer = writerOf(objects, said);
  writer.look(one);
  await waitFor('the failure', 1_000, () => writer.failure !== undefined);
  t.is(writer.failures, 1);
  writer.look(two);
  await waitFor('the other object', 2_000, () => objects.statuses.get('a/two') === 'right');
  t.deepEqual(said, ['answered 403', undefined]);
  writer.stop();
});

test('status – after stop nothing is written', async (t) => {
  const objects = new Objects();
  const writer = writerOf(objects);
  writer.look(one);
  writer.stop();
  writer.look(two);
  await settle();
  t.deepEqual(objects.writes, []);
});
