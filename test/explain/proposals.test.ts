import test from 'ava';
import { type ConfigDraft, createDraft } from '../../src/config/draft.ts';
import { checkDocument } from '../../src/config/load.ts';
import { proposeChanges } from '../../src/explain/proposals.ts';
import type { Trials } from '../../src/explain/trials.ts';
import { createJudge } from '../../src/trial/judge.ts';
import { createTrial } from '../../src/trial/trial.ts';

const rule = (name: string, scopes: string) =>
  `  - {name: ${name}, match: {hosts: [${name}.example], methods: [GET], paths: [/a]}, require: {scopes: [${scopes}], binding: [none]}}\n`;

const now = Date.UTC(2026, 0, 1);
const trials: Trials = {
  now,
  async try(draft) {
    const loaded = checkDocument(draft.document, draft.file, 'none');
    const { policy, evidence: make } = createTrial(loaded, now);
    const token = { issuer: 'login', claims: { scope: 'read' } };
    const evidence = await make({ method: 'POST', host: 'b.example', path: '/a', token });
    return {
      draft,
      loaded,
      policy,
      evidence,
      decision: await createJudge(policy, now)(evidence),
      unverified: [],
    };
  },
};

function config(more = ''): string {
  return `issuers:\n  login: {issuer: "https://login.example", audiences: [a], keys: k.json}\nrules:\n${rule('a', 'read')}${rule('b', 'read')}${more}`;
}

async function propose(text: string) {
  let tried = 0;
  let written = 0;
  const watched = (draft: ConfigDraft): ConfigDraft => ({
    ...draft,
    amend(amendments) {
      tried++;
      const changed = watched(draft.amend(amendments));
      const text = () => {
        written++;
        return changed.text();
      };
      return { ...changed, text };
    },
  });
  const first = await trials.try(createDraft(text, 'a.yaml'));
  const { found } = await proposeChanges(trials, { ...first, draft: watched(first.draft) });
  return { found, tried, written };
}

test('proposals – two of a usual configuration, and only their texts are written', async (t) => {
  const { found, tried, written } = await propose(config());
  t.deepEqual(
    found.map(({ changes }) => changes.map(({ what }) => what)),
    [
      ['adds POST to methods of the rule b'],
      ['adds a rule for exactly this request, with the requirements of the rule b'],
    ],
  );
  t.true(tried >= found.length);
  t.is(written, found.length);
});

test('proposals – one of a long configuration, whose text takes long to write', async (t) => {
  const others = Array.from({ length: 2_000 }, (_, index) => rule(`other-${index}`, 'read'));
  const { found } = await propose(config(others.join('')));
  t.deepEqual(
    found.map(({ changes }) => changes[0]?.what),
    ['adds POST to methods of the rule b'],
  );
  t.regex(found[0]?.diff ?? '', /^-.*name: b,.*\[GET\].*\n\+.*name: b,.*\[GET, POST\]/m);
});
