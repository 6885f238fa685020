import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { parse } from 'yaml';
import { presets } from '../../src/core/identity/presets.ts';
import { type RefusalReason, reasons } from '../../src/core/reasons.ts';
import { createRefusal } from '../../src/core/refusal.ts';
import { istioCr, withGeneratedLists } from '../../tools/docs/kyma.ts';
import { root } from './manifests.ts';

const text = readFileSync(istioCr, 'utf8');
const { headers } = parse(text).spec.config.authorizers[0];
const include: string[] = headers.inCheck.include;
const onAllow: string[] = headers.toUpstream.onAllow;
const managed = Object.keys(presets['oauth2-proxy']);

/** As Istio matches these lists: `*` at the end stands for any rest. */
const shown = (name: string) =>
  include.some((one) => (one.endsWith('*') ? name.startsWith(one.slice(0, -1)) : name === one));

test('Kyma – the lists are those of the code: npm run docs', (t) => {
  t.is(withGeneratedLists(text), text);
});

test('Kyma – a list that was changed by hand is written anew, in its place, and the rest stays', (t) => {
  const changed = text
    .replace('              - gap-auth\n', '')
    .replace('- x-forwarded-user\n', '- x-forwarded-userr\n              - another\n')
    .replace('              - "x_auth*"\n', '');
  t.not(changed, text);
  t.is(withGeneratedLists(changed), text);
  t.is(
    withGeneratedLists(changed.replace('timeout: 1s', 'timeout: 2s')),
    text.replace('timeout: 1s', 'timeout: 2s'),
  );
});

test('Kyma – a list without its marks is an error', (t) => {
  t.throws(() => withGeneratedLists(text.replace('# generated: onAllow', '# onAllow')), {
    message: /onAllow/,
  });
  t.throws(() => withGeneratedLists(text.replace('# generated: onAllow', '# generated: onalow')), {
    message: 'unknown list onalow',
  });
  t.throws(() => withGeneratedLists('kind: Istio\n'), { message: 'no marks for onAllow, spellings' });
});

test('Kyma – every header of both presets reaches the application, each once and nothing else', (t) => {
  t.deepEqual(onAllow, managed);
  t.is(new Set(onAllow).size, onAllow.length);
  for (const name of Object.keys(presets.standard)) t.true(onAllow.includes(name), name);
});

test('Kyma – every spelling of a managed header with a _ is shown to Peerproof, or removed without being seen', (t) => {
  let mixed = 0;
  for (const name of managed) {
    const dashes = name.split('-').length - 1;
    // All ways to write `-` or `_`, but for the two of one kind: the header itself, and the one that is always removed.
    for (let bits = 1; bits < 2 ** dashes - 1; bits++) {
      let place = 0;
      const spelling = name.replace(/-/g, () => ((bits >> place++) & 1 ? '_' : '-'));
      t.true(shown(spelling), spelling);
      mixed++;
    }
  }
  t.true(mixed > 50);
});

/** Headers that the code reads and that no check of Kyma has. */
const elsewhere: Readonly<Record<string, string>> = {
  'x-envoy-expected-rq-timeout-ms': 'written by the Envoy that asks',
  'x-original-method': 'nginx',
  'x-original-host': 'nginx',
  'x-original-uri': 'nginx',
  'x-original-url': 'ingress-nginx',
  host: 'in every check',
};

test('Kyma – a check carries each request header that the code reads', (t) => {
  const read = new Set<string>();
  for (const file of globSync(
    'src/{operate/*,core/peer/*,core/token/*,core/binding/*,http/check-request,http/door,http/forward-auth}*.ts',
    // These ports get no checks.
    { cwd: root, exclude: ['src/operate/admin-server.ts', 'src/operate/metadata-server.ts'] },
  ))
    for (const [, dotted, quoted] of readFileSync(join(root, file), 'utf8').matchAll(
      /\bheaders(?:\.([a-z0-9]+)\b(?!\()|\['([a-z0-9-]+)'\])/g,
    ))
      read.add(dotted ?? quoted ?? '');
  for (const name of [
    'authorization',
    'dpop',
    'x-forwarded-client-cert',
    'x-request-id',
    'traceparent',
    'b3',
  ])
    t.true(read.has(name) && shown(name), name);
  for (const name of read)
    t.true(shown(name) || Object.hasOwn(elsewhere, name), `${name} is read and not sent`);
});

test('Kyma – the caller gets every header of a refusal, and none of an allow', (t) => {
  const names = new Set<string>();
  for (const [name, { status }] of Object.entries(reasons)) {
    if (status === 200) continue;
    const reason = name as RefusalReason;
    const decision = {
      id: 'a',
      found: {},
      effect: 'deny',
      reason,
      detail: undefined,
      hint: { nonce: 'a' },
      retryAfter: 1,
    } as const;
    const { headers: sent } = createRefusal(decision, { realm: 'a', dpopAlgorithms: [], body: 'empty' });
    for (const [header] of sent) names.add(header);
  }
  t.deepEqual(Object.keys(headers.toDownstream), ['onDeny']);
  t.deepEqual([...names].sort(), headers.toDownstream.onDeny.toSorted());
});
