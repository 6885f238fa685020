import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseSpiffeId, parseSpiffePattern } from '../../../../src/core/peer/spiffe-id.ts';
import { hostText, parseHost } from '../../../../src/core/policy/host.ts';
import { normalizePath } from '../../../../src/core/policy/path.ts';
import { Malformed } from '../../../../src/lib/malformed.ts';
import { type Target, target } from '../campaign.ts';
import { mutatedText } from '../mutate-text.ts';
import { oddText } from '../odd.ts';
import { pathTexts } from '../path-texts.ts';
import { hosts } from '../presented-parts.ts';
import { IDS } from '../world.ts';

const spiffeForm = /^spiffe:\/\/[a-z0-9._-]{1,255}((?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._-]+)*)$/;
const spiffeTexts = mutatedText(
  fc.constantFrom(...Object.values(IDS), 'spiffe://a', `spiffe://a/${'b'.repeat(2_036)}`),
  {
    words: ['/', '//', '/.', '/..', '%2e', ':', '@', '?', '#', '*', '**', '/*', 'SPIFFE', 'é', '\0', '\n'],
  },
);

/** By one regular expression, which knows nothing of the reader's steps (SPIFFE-ID §2.1 to §2.4). */
function readsSpiffeId(text: string): string {
  const read = parseSpiffeId(text);
  const form = text.length <= 2_048 ? spiffeForm.exec(text) : null;
  assert.equal(read instanceof Malformed, form === null, JSON.stringify(read));
  const pattern = parseSpiffePattern(text);
  if (read instanceof Malformed || form === null) {
    if (!(pattern instanceof Malformed)) assert.match(text, /\*/);
    return 'malformed';
  }
  assert.equal(read.uri, text);
  assert.equal(`spiffe://${[read.trustDomain, ...read.segments].join('/')}`, text);
  assert.ok(!(pattern instanceof Malformed), 'an ID is a pattern of itself');
  return 'read';
}

const hostForm = /^[a-z0-9_.-]+$/;

/** A host that is read is read the same by WHATWG's URL, as far as that takes it for a name at all. */
function readsHost(text: string): string {
  const read = parseHost(text);
  if (read instanceof Malformed) return 'malformed';
  const { labels } = read;
  const host = labels.join('.');
  if (!host.startsWith('[')) {
    assert.match(host, hostForm);
    assert.ok(
      labels.every((label) => label !== ''),
      'an empty label',
    );
  }
  assert.deepEqual(parseHost(hostText(read)), read, 'not its own normal form');
  assert.equal(hostText(read), text.toLowerCase(), 'something of it was dropped');
  const url = URL.parse(`http://${text}/`);
  // A last label of digits makes it an IPv4 address there, which has other spellings; `xn--` is looked into.
  if (url && !/(?:^|\.)(?:\d+|0x[0-9a-f]*)$/.test(host) && !/xn--|\[/.test(host))
    assert.equal(url.hostname.replace(/\.$/, ''), host);
  return 'read';
}

/** An accepted value is its own normal form, and browsers and decoders read the same. */
function readsPath(target: string): string {
  const path = normalizePath(target);
  if (path instanceof Malformed) return path.why;
  const { text, segments } = path;
  assert.equal(text, `/${segments.join('/')}`);
  assert.deepEqual(normalizePath(text), path, 'not its own normal form');
  assert.match(text, /^\/[!-~]*$/);
  const raw = target.split('?', 1)[0] ?? '';
  const decoded = decodeURIComponent(raw).replace(/(?<=.)\/$/, '');
  assert.equal(decodeURIComponent(text), decoded, 'means something else when it is decoded');
  assert.equal(
    segments.length,
    decoded === '/' ? 0 : decoded.split('/').length - 1,
    'another number of segments',
  );
  const url = new URL(`http://host${target}`);
  assert.equal(
    decodeURIComponent(url.pathname).replace(/(?<=.)\/$/, ''),
    decoded,
    'a browser reads another path',
  );
  // Decoded once more it must not become another kind of path.
  for (const segment of segments) {
    const plain = decodeURIComponent(segment);
    assert.doesNotMatch(plain, /[/\\\p{Cc};?#]|%[0-9a-f]{2}/iu);
    assert.ok(plain !== '.' && plain !== '..' && plain !== '');
  }
  return 'read';
}

export const readerTargets: readonly Target[] = [
  target({
    name: 'spiffe-id',
    inputs: fc.oneof({ weight: 4, arbitrary: spiffeTexts }, { weight: 1, arbitrary: oddText }),
    hold: readsSpiffeId,
    reaches: ['read', 'malformed'],
  }),
  target({
    name: 'host',
    inputs: fc.oneof({ weight: 4, arbitrary: hosts }, { weight: 1, arbitrary: oddText }),
    hold: readsHost,
    reaches: ['read', 'malformed'],
  }),
  target({
    name: 'path',
    inputs: fc.oneof(
      { weight: 4, arbitrary: pathTexts },
      { weight: 1, arbitrary: oddText.map((text) => `/${text}`) },
    ),
    hold: readsPath,
    reaches: ['read', 'a dot segment', 'an empty segment', 'a broken escape', 'escapes that are not UTF-8'],
  }),
];
