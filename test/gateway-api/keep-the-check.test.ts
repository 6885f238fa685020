import { readFileSync } from 'node:fs';
import { evaluate } from '@marcbachmann/cel-js';
import test from 'ava';
import { parseAllDocuments } from 'yaml';
import { root } from '../istio/manifests.ts';

/** The expressions of the policy, as CEL. A real API server (1.36.3) decided each of these cases alike once. */
const [policy] = parseAllDocuments(readFileSync(`${root}gateway-api/keep-the-check.yaml`, 'utf8')).map(
  (document) => document.toJS(),
);
const [published] = parseAllDocuments(readFileSync(`${root}gateway-api/envoy-gateway.yaml`, 'utf8')).map(
  (document) => document.toJS(),
);

function isTaken(spec: object): boolean {
  const object = { spec };
  const [{ name, expression }] = policy.spec.variables;
  const variables = { [name]: evaluate(expression, { object }) };
  return policy.spec.validations.every((one: { expression: string }) =>
    evaluate(one.expression, { object, variables }),
  );
}

const group = 'gateway.networking.k8s.io';
const route = { targetRefs: [{ group, kind: 'HTTPRoute', name: 'orders' }], cors: {} };
const gateway = { targetRefs: [{ group, kind: 'Gateway', name: 'external' }] };
const { extAuth } = published.spec;
const merge = { mergeType: 'StrategicMerge' };
const foreign = { grpc: { backendRefs: [{ name: 'yes', namespace: 'team', port: 1 }] } };

const cases: readonly (readonly [name: string, spec: object, isTaken: boolean])[] = [
  ['the published policy', published.spec, true],
  ['a policy of a route that merges', { ...route, ...merge }, true],
  ['a policy of a route', route, false],
  [
    'a policy of a route, by the old field',
    { targetRef: { group, kind: 'HTTPRoute', name: 'orders' } },
    false,
  ],
  [
    'a policy of routes that are chosen by labels',
    { targetSelectors: [{ group, kind: 'GRPCRoute' }] },
    false,
  ],
  ['another kind of merging', { ...route, mergeType: 'JSONMerge' }, false],
  ['a merge that brings its own authorizer', { ...route, ...merge, extAuth: foreign }, false],
  ['a policy of a Gateway that asks nobody', gateway, false],
  ['a policy of a Gateway that asks somebody else', { ...gateway, extAuth: foreign }, false],
  ['a policy of a Gateway over HTTP', { ...gateway, extAuth: { http: {} } }, false],
  ['a policy of a Gateway that fails open', { ...gateway, extAuth: { ...extAuth, failOpen: true } }, false],
];

for (const [name, spec, taken] of cases)
  test(`keep-the-check.yaml – ${taken ? 'takes' : 'refuses'}: ${name}`, (t) => {
    t.is(isTaken(spec), taken);
  });
