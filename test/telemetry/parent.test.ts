import test from 'ava';
import { readParent } from '../../src/telemetry/parent.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const spanId = '00f067aa0ba902b7';
const plain = `00-${traceId}-${spanId}-01`;

test('parent – is read from traceparent and tracestate', (t) => {
  t.deepEqual(readParent({ traceparent: plain, tracestate: 'a=1' }), {
    ...{ traceId, spanId, sampled: true, state: 'a=1' },
  });
  t.false(readParent({ traceparent: `00-${traceId}-${spanId}-00` })?.sampled);
  // Other bits of the flags mean nothing here (W3C Trace Context §3.2.2.5).
  t.true(readParent({ traceparent: `00-${traceId}-${spanId}-ff` })?.sampled);
  t.false(readParent({ traceparent: `00-${traceId}-${spanId}-fe` })?.sampled);
});

test('parent – of a later version, only the known parts are read', (t) => {
  for (const traceparent of [`01-${traceId}-${spanId}-01`, `cc-${traceId}-${spanId}-01-what-ever`])
    t.deepEqual(readParent({ traceparent }), { traceId, spanId, sampled: true, state: undefined });
});

const hostile: Readonly<Record<string, string | string[] | undefined>> = {
  'is missing': undefined,
  'is empty': '',
  'is too short': plain.slice(0, -1),
  'has a tail in version 00': `${plain}-00`,
  'has a tail without a dash': `01-${traceId}-${spanId}-01x`,
  'is in capital letters': plain.toUpperCase(),
  'has one capital letter': plain.replace('f', 'F'),
  'has version ff': `ff-${traceId}-${spanId}-01`,
  'has a trace ID of zeros': `00-${'0'.repeat(32)}-${spanId}-01`,
  'has a span ID of zeros': `00-${traceId}-${'0'.repeat(16)}-01`,
  'has other separators': plain.replaceAll('-', '_'),
  'begins with a space': ` ${plain}`,
  'ends with a line break': `${plain}\n`,
  'came twice, joined': `${plain},${plain}`,
  'came twice, joined with a space': `${plain}, ${plain}`,
  'came twice, as a list': [plain, plain],
  'has digits of another script': plain.replace('4', '４'),
  'is a later version of 60 KiB': `01-${traceId}-${spanId}-01-${'a'.repeat(61_440)}`,
  'is 60 KiB of dashes': '-'.repeat(61_440),
};

for (const [name, traceparent] of Object.entries(hostile))
  test(`parent – a traceparent that ${name} is ignored`, (t) => {
    t.is(readParent({ traceparent, tracestate: 'a=1' }), undefined);
  });

test('parent – a tracestate that is too long, or a list, is left out alone', (t) => {
  for (const tracestate of ['~'.repeat(61_440), 'a'.repeat(513), ['a=1', 'b=2']])
    t.deepEqual(readParent({ traceparent: plain, tracestate }), {
      ...{ traceId, spanId, sampled: true, state: undefined },
    });
});
