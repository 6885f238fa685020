import test from 'ava';
import {
  parseSpiffeId,
  parseSpiffePattern,
  type SpiffeId,
  type SpiffePattern,
} from '../../../src/core/peer/spiffe-id.ts';
import { clientsOf } from '../../../src/core/policy/clients-by-workload.ts';

const id = (name: string) => parseSpiffeId(`spiffe://cluster.local/ns/a/sa/${name}`) as SpiffeId;
const clients = (registered: Readonly<Record<string, readonly string[]>>) =>
  new Map(
    Object.entries(registered).map(([name, patterns]) => [
      name,
      { workloads: patterns.map((text) => parseSpiffePattern(`spiffe://${text}`) as SpiffePattern) },
    ]),
  );

test('clients by workload – all that are registered, each once, by name and by pattern', (t) => {
  const known = clients({
    exact: ['cluster.local/ns/a/sa/shop'],
    twice: ['cluster.local/ns/a/sa/shop', 'cluster.local/ns/a/sa/*', 'cluster.local/**'],
    other: ['cluster.local/ns/b/sa/*'],
    foreign: ['evil.example/ns/a/sa/shop', 'evil.example/**'],
  });
  for (let n = 0; n < 2; n++) {
    t.deepEqual(clientsOf(id('shop'), known), ['exact', 'twice']);
    t.deepEqual(clientsOf(id('till'), known), ['twice']);
  }
});

test('clients by workload – another configuration has its own', (t) => {
  const before = clients({ shop: ['cluster.local/ns/a/sa/shop'] });
  const after = clients({ till: ['cluster.local/ns/a/sa/shop'] });
  t.deepEqual([clientsOf(id('shop'), before), clientsOf(id('shop'), after)], [['shop'], ['till']]);
});

test('clients by workload – ten thousand clients and more workloads than are remembered', (t) => {
  const many = clients(
    Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`c${n}`, [`cluster.local/ns/a/sa/w${n}`]])),
  );
  for (const n of [0, 1, ...Array.from({ length: 2_000 }, (_, at) => at)])
    t.deepEqual(clientsOf(id(`w${n}`), many), [`c${n}`]);
});
