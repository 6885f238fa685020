import test from 'ava';
import { parseConfig } from '../../src/config/load.ts';
import { noneUsed } from '../../src/core/used/used-proofs.ts';
import { createPolicy } from '../../src/serve/create-policy.ts';
import { goodConfig, problemsOf } from '../support/config-problems.ts';

const { config, warnings } = parseConfig(goodConfig(), 'x');

test('defaults – of an issuer', (t) => {
  t.deepEqual(config.issuers.corp, {
    issuer: 'https://login.example.com',
    audiences: ['orders'],
    algorithms: ['RS256', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
    clockSkew: 30_000,
    refresh: 300_000,
    keep: 86_400_000,
    coolDown: 30_000,
    timeout: 5_000,
    allowInsecureHttp: false,
    allowInsecureNoAudience: false,
    allowInsecureNoExpiry: false,
    singleUse: false,
    remember: 10_000,
  });
});

test('defaults – of peers: no header of ours is trusted, no gateway, no skew', (t) => {
  const { peers } = parseConfig(goodConfig(), 'x').config;
  t.deepEqual(peers.from, ['attribute', 'xfcc', 'principal']);
  t.deepEqual(peers.gateways, []);
  t.is(peers.clockSkew, 0);
});

test('defaults – of the server: no TLS, bounded messages, streams, times and memories', (t) => {
  t.deepEqual(config.grpc, { maxMessageBytes: 4_194_304, maxConcurrentStreams: 4_096 });
  t.deepEqual(config.limits, {
    tokenLength: 16_384,
    checkTimeout: 5_000,
    waitingChecks: 1_000,
    eventLoopDelay: 1_000,
    tokenMemory: 67_108_864,
    certificateMemory: 16_777_216,
    usedProofMemory: 67_108_864,
  });
  t.is(config.realm, 'peerproof');
  t.is(config.readiness, 'started');
  t.deepEqual(warnings, []);
});

const rulesOf = (text: string) => {
  const loaded = parseConfig(text, 'x');
  const { routes } = createPolicy(loaded.config, [], () => '', new Map(), noneUsed);
  const request = { method: 'GET', host: 'a.example', path: '/x', headers: {} };
  const match = routes.match({ request, peer: {}, destination: { principal: '', port: 0 }, context: {} });
  return 'rule' in match ? match.rule : undefined;
};

test('defaults – of a rule: not public, and a proof of the sender is demanded', (t) => {
  const { match: _, ...rule } = rulesOf(goodConfig()) ?? t.fail() ?? ({} as never);
  t.deepEqual(rule, {
    name: 'orders',
    public: false,
    tokenIsOptional: false,
    binding: ['certificate', 'workload'],
    credential: 'bearer',
    authorizationServer: undefined,
    peers: [],
    scopes: [],
    issuers: [],
    claims: [],
    serviceAccount: { serviceAccounts: [], namespaces: [], pods: [] },
    actors: undefined,
    allowLists: undefined,
    when: undefined,
    observation: undefined,
  });
});

test('defaults – without trust domains the proof is the certificate', (t) => {
  const text = 'issuers: {corp: {issuer: https://a.example, audiences: [x]}}\nrules: [{name: a}]';
  t.deepEqual(rulesOf(text)?.binding, ['certificate']);
  t.deepEqual(rulesOf(text.replace('{name: a}', '{name: a, require: {scopes: [x]}}'))?.binding, [
    'certificate',
  ]);
});

test('defaults – an issuer without audiences is refused', (t) => {
  for (const [audiences, message] of [
    ['', /is missing/],
    [', audiences: []', /at least one/],
    [', audiences: [""]', /not be empty/],
    [', audiences: orders', /must be a list/],
    [', audiences: null', /must be a list/],
  ] as const) {
    const problems = problemsOf(
      `issuers: {corp: {issuer: https://a.example${audiences}}}\nrules: [{name: a}]`,
    );
    t.is(problems.length, 1, audiences);
    t.regex(problems[0]?.message ?? '', message);
    t.regex(problems[0]?.key ?? '', /^issuers\.corp\.audiences/);
  }
});
