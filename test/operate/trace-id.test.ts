import test from 'ava';
import { readTraceId } from '../../src/operate/trace-id.ts';

const id = '4bf92f3577b34da6a3ce929d0e0e4736';
const span = '00f067aa0ba902b7';
const found: [string, Record<string, string>, string][] = [
  ['traceparent (W3C Trace Context §3.2.2)', { traceparent: `00-${id}-${span}-01` }, id],
  [
    'a later version with more behind (W3C Trace Context §3.2.4)',
    { traceparent: `cc-${id}-${span}-01-what` },
    id,
  ],
  ['traceparent before b3', { traceparent: `00-${id}-${span}-00`, b3: `${'a'.repeat(32)}-${span}-1` }, id],
  ['b3 in one header', { b3: `${id}-${span}-1` }, id],
  ['b3 with a parent', { b3: `${id}-${span}-1-${span}` }, id],
  ['b3 with 64 bits', { b3: `${span}-${span}-1` }, span],
  ['x-b3-traceid', { 'x-b3-traceid': id }, id],
  ['x-b3-traceid with 64 bits', { 'x-b3-traceid': span }, span],
  ['b3 where traceparent is not well formed', { traceparent: 'x', b3: `${id}-${span}-1` }, id],
];
for (const [title, headers, expected] of found)
  test(`trace ID – from ${title}`, (t) => {
    t.is(readTraceId(headers), expected);
  });

const nothing: [string, Record<string, string>][] = [
  ['no header', {}],
  ['an empty one', { traceparent: '', b3: '' }],
  ['all zeros (W3C Trace Context §3.2.2.3)', { traceparent: `00-${'0'.repeat(32)}-${span}-01` }],
  ['capitals (W3C Trace Context §3.2.2.3)', { traceparent: `00-${id.toUpperCase()}-${span}-01` }],
  ['too short', { traceparent: `00-${id.slice(1)}-${span}-01` }],
  ['no span', { traceparent: `00-${id}` }],
  ['something in front', { traceparent: ` 00-${id}-${span}-01` }],
  ['two values', { b3: `${id},${id}` }],
  ['b3 that only denies', { b3: '0' }],
  ['b3 of another length', { b3: `${id}00-${span}-1` }],
  ['a newline', { 'x-b3-traceid': `${id}\n` }],
  ['markup', { 'x-b3-traceid': '<script>' }],
  ['a megabyte', { traceparent: '0'.repeat(1_048_576), b3: '-'.repeat(1_048_576) }],
];
for (const [title, headers] of nothing)
  test(`trace ID – ${title} is ignored`, (t) => {
    t.is(readTraceId(headers), undefined);
  });
