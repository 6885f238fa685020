import test from 'ava';
import { stringify } from 'yaml';
import { parseWithoutFiles } from '../../src/config/load.ts';
import { ConfigError } from '../../src/config/problem.ts';

const kubernetes = { apiServer: 'https://10.0.0.1:6443', tokenFile: 'token' };
const base = {
  peers: { trustDomains: { 'cluster.local': {} } },
  delegate: [{ owner: 'payments', namespaces: ['payments'] }],
  rules: [],
  rulesFrom: { kubernetes },
};

function problemsOf(more: object): string[] {
  try {
    parseWithoutFiles(stringify({ ...base, ...more }), 'a.yaml');
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ key, message }) => `${key}: ${message}`);
  }
}

test('rulesFrom – it takes the place of rules in the file', (t) => {
  t.deepEqual(problemsOf({}), []);
});

for (const [title, more, problem] of [
  ['without a source', { rulesFrom: {} }, /^rulesFrom: names nothing: write kubernetes: \{\}/],
  ['without a delegation', { delegate: [] }, /^rulesFrom\.kubernetes: needs delegate/],
  [
    'outside of a cluster',
    { rulesFrom: { kubernetes: {} } },
    /^rulesFrom\.kubernetes\.apiServer: is missing, and Peerproof does not run in a pod/,
  ],
  [
    'over plain http',
    { rulesFrom: { kubernetes: { ...kubernetes, apiServer: 'http://10.0.0.1' } } },
    /^rulesFrom\.kubernetes\.apiServer: must be https/,
  ],
  [
    'with a namespace of two owners',
    { delegate: [...base.delegate, { owner: 'billing', namespaces: ['billing', 'payments'] }] },
    /^delegate\[1\]\.namespaces\[1\]: is also a namespace of payments/,
  ],
  [
    'with a setting that it does not have',
    { rulesFrom: { kubernetes: { ...kubernetes, kubeconfig: 'x' } } },
    /^rulesFrom\.kubernetes\.kubeconfig: is not a setting/,
  ],
] as const)
  test(`rulesFrom – ${title} it is refused, with what would be right`, (t) => {
    const [first, ...others] = problemsOf(more);
    t.regex(first ?? '', problem);
    t.deepEqual(others, []);
  });

test('rulesFrom – plain http to another machine is a weakness', (t) => {
  const rulesFrom = {
    kubernetes: { ...kubernetes, apiServer: 'http://10.0.0.1', allowInsecureHttp: true },
  };
  const { warnings } = parseWithoutFiles(stringify({ ...base, rulesFrom }), 'a.yaml');
  t.true(warnings.some((warning) => warning.startsWith('rulesFrom.kubernetes.allowInsecureHttp: ')));
});
