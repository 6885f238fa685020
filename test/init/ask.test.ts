import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import test from 'ava';
import { askFor, type KnownAnswers } from '../../src/init/ask.ts';

const nothing: KnownAnswers = { trustDomain: undefined, workload: undefined };

/** Types each line when its question is there. `undefined` ends the input. */
async function converse(known: KnownAnswers, lines: readonly (string | undefined)[]) {
  const input = new PassThrough();
  const output = new PassThrough();
  const rest = [...lines];
  let shown = '';
  output.setEncoding('utf8').on('data', (chunk: string) => {
    shown += chunk;
    if (!stripVTControlCharacters(chunk).endsWith(') ') || rest.length === 0) return;
    const line = rest.shift();
    setImmediate(() => (line === undefined ? input.end() : input.write(`${line}\n`)));
  });
  const answers = await askFor(known, { input, output });
  return { answers, shown: stripVTControlCharacters(shown) };
}

test('init – three questions are a configuration', async (t) => {
  const { answers, shown } = await converse(nothing, ['nginx', 'https://login.example.com', 'orders']);
  t.deepEqual(answers, {
    ...nothing,
    platform: 'nginx',
    issuer: 'https://login.example.com',
    audiences: ['orders'],
  });
  t.regex(shown, /Which proxy asks Peerproof\? \(istio, kyma, envoy, nginx\)/);
});

test('init – an answer that cannot be used is asked for again, and says why', async (t) => {
  const { answers, shown } = await converse(nothing, [
    'envoi',
    'envoy',
    'http://login.example.com',
    'https://login.example.com',
    '',
    ' orders ',
  ]);
  t.like(answers, { platform: 'envoy', issuer: 'https://login.example.com', audiences: ['orders'] });
  t.regex(shown, /must be one of istio, kyma, envoy, nginx; did you mean "envoy"\?/);
  t.regex(shown, /must be https/);
  t.regex(shown, /must hold at least one audience/);
});

test('init – what is known is not asked for', async (t) => {
  const { shown } = await converse({ ...nothing, platform: 'kyma', audiences: ['a'] }, ['https://a.example']);
  t.false(shown.includes('proxy'));
  t.false(shown.includes('audience'));
});

test('init – the end of the input before the last answer is no answer', async (t) => {
  t.is((await converse(nothing, ['envoy', undefined])).answers, undefined);
});
