import test from 'ava';
import { recalling, withLastGood } from '../../../src/config/teams/kept-objects.ts';
import { changesOf, withChanges } from '../../../src/config/teams/object-changes.ts';
import { type RuleObject, readRuleObject } from '../../../src/sources/rule-objects.ts';
import { recorded } from '../../sources/rule-objects-server.ts';

const objectOf = (name: string, more: object = {}): RuleObject =>
  readRuleObject({ ...recorded('a', name, more), status: { rules: 1 } }) as RuleObject;

test('objects for workers – only what is new, changed, created again or gone is handed over', (t) => {
  const before = ['same', 'changed', 'again', 'gone'].map((name) => objectOf(name));
  const now = [
    objectOf('same', { resourceVersion: '11' }),
    objectOf('changed', { generation: 2 }),
    objectOf('again', { uid: 'another' }),
    objectOf('new'),
  ];
  const { put, gone } = changesOf(before, now);
  t.deepEqual(
    put.map(({ name }) => name),
    ['changed', 'again', 'new'],
  );
  t.deepEqual(gone, ['a/gone']);
  t.true(put.every(({ status }) => status === undefined));
});

test('objects for workers – a worker knows what the primary knows, in its order', (t) => {
  const old = { creationTimestamp: '2026-01-01T00:00:00Z' };
  const before = [objectOf('one'), objectOf('two')];
  const now = [objectOf('three', old), objectOf('two', { generation: 2 })];
  const after = withChanges(before, changesOf(before, now));
  t.deepEqual(
    after.map(({ name, generation }) => [name, generation]),
    [
      ['three', 1],
      ['two', 2],
    ],
  );
});

test('objects for a new process – they have the form that was accepted last, unless they were created again', (t) => {
  const memory = {
    present: new Map(),
    lastGood: new Map([[objectOf('one').uid, { text: '{"good":1}', under: '', settings: '', outcome: [] }]]),
  };
  const kept = withLastGood([objectOf('one'), objectOf('two')], memory);
  t.deepEqual(
    kept.map(({ lastGood }) => lastGood),
    ['{"good":1}', undefined],
  );
  t.deepEqual(
    recalling([objectOf('one'), objectOf('two')], kept).map(({ lastGood }) => lastGood),
    ['{"good":1}', undefined],
  );
  t.is(recalling([objectOf('one', { uid: 'another' })], kept)[0]?.lastGood, undefined);
});
