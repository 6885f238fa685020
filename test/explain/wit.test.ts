import test from 'ava';
import { parseWithoutFiles } from '../../src/config/load.ts';
import { createOfflineJudge } from '../../src/explain/offline.ts';
import { evidenceFor, NOW } from '../support/check-world.ts';
import { createWorkloadKeys, signWit, signWpt, witClaims, witHeaders } from '../support/wit-fixture.ts';

const { issuer, shop, till } = createWorkloadKeys();
const loaded = parseWithoutFiles(
  `
issuers: {spire: {accept: wit, trustDomain: cluster.local, bundleEndpoint: "https://spire.example/bundle"}}
wit: {origins: {orders.example.com: "https://orders.example.com"}}
rules: [{name: wit, require: {credential: wit}}]
`,
  'explain.yaml',
);

test('explain – a proof is judged although the keys of its WIT are elsewhere', async (t) => {
  const judge = createOfflineJudge(loaded, new Map(), NOW);
  const wit = signWit(issuer, witClaims(shop));
  const ask = (proof: string) => judge(evidenceFor({ headers: witHeaders(wit, proof) }));
  const good = await ask(signWpt(shop, wit));
  t.is(good.decision.reason, 'allowed');
  t.regex(good.unverified.join(), /the keys of spire are elsewhere/);
  t.is((await ask(signWpt(till, wit))).decision.reason, 'proof_signature_invalid');
  t.is((await ask(signWpt(shop, wit, { wth: 'x' }))).decision.reason, 'proof_token_mismatch');
});
