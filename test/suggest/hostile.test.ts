import test from 'ava';
import fc from 'fast-check';
import { parse } from 'yaml';
import { alice, configWith, getA, health, lineOf, suggestFor } from './world.ts';

/** What a caller could write to become more than one value. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({ unit: fc.constantFrom(...'*/.:-_{}[]#&!|>\'"%@`,?\\ \n\ta1'), maxLength: 12 }),
  fc.constantFrom(
    '*',
    '**',
    '/*',
    '/**',
    '%2A',
    '~',
    'null',
    'a: b',
    '- x',
    '" || true || "',
    'x'.repeat(600),
  ),
);
const path = hostile.map((text) => `/${text}`);
const peer = hostile.map((text) => `spiffe://cluster.local/${text}`);

test('suggest – whatever a line holds, nothing but exact rules is added', async (t) => {
  const text = configWith(health);
  const before = parse(text);
  const fields = fc.record(
    {
      ...{
        subject: hostile,
        client_id: hostile,
        host: hostile,
        method: hostile,
        rule: hostile,
        issuer: hostile,
      },
      ...{ scopes: fc.array(hostile, { maxLength: 3 }), service_account: hostile, path, spiffe_id: peer },
      ...{ destination: peer, would_deny: hostile, bound_by: hostile, time: hostile, decision_id: hostile },
    },
    { requiredKeys: [] },
  );
  await fc.assert(
    fc.asyncProperty(fields, fc.boolean(), async (line, destinations) => {
      const { text: amended, drafts } = await suggestFor(text, [lineOf(alice, getA, line)], { destinations });
      const { rules, ...others } = parse(amended);
      t.deepEqual({ ...others, rules: rules.slice(0, 1) }, before);
      t.is(rules.length, 1 + drafts.length);
      for (const { match, require, public: isPublic } of rules.slice(1)) {
        const { hosts, methods, paths, destinations: at = ['spiffe://cluster.local/x'] } = match;
        t.deepEqual([hosts.length, methods.length, paths.length, at.length], [1, 1, 1, 1]);
        t.false(
          [...hosts, ...paths, ...at, ...(require.peers ?? [])].some((one: string) => one.includes('*')),
        );
        t.is(isPublic, undefined);
      }
    }),
    { numRuns: 300 },
  );
});
