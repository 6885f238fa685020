import test from 'ava';
import { parseInject } from '../../src/inject/load.ts';
import { lintInject } from '../../src/lint/lint.ts';
import { shortly } from './world.ts';

const lintOf = (text: string) => lintInject(parseInject(text, 'inject.yaml'), { text, file: 'inject.yaml' });
const listen = 'listen: {grpc: 127.0.0.1:9011, admin: 127.0.0.1:9013}';
const token = (host: string) => `tokens: [{name: a, hosts: ["${host}"], audience: a, file: token}]`;

test('inject – a good configuration has no finding', (t) => {
  t.deepEqual(lintOf(`${listen}\n${token('a.example')}\n`), []);
});

test('inject – a token for every host, and an open port, are findings with their lines', (t) => {
  const text = `listen: {grpc: 0.0.0.0:9011, admin: 127.0.0.1:9013}\nallowInsecureCallers: true\n${token('**')}\n`;
  const found = lintOf(text);
  t.deepEqual(shortly(found), [
    'warning open-port listen.grpc',
    'warning weak-inject allowInsecureCallers',
    'warning weak-inject tokens[0].hosts',
  ]);
  t.deepEqual(
    found.map(({ line }) => line),
    [1, 2, 3],
  );
});

test('inject – a comment with a reason leaves a finding out', (t) => {
  t.deepEqual(lintOf(`${listen}\n# lint: ignore weak-inject: the mesh has one host\n${token('*')}\n`), []);
});
