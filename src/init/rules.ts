import { type FirstAnswers, usualTrustDomain } from './answers.ts';
import { yamlValue } from './yaml-value.ts';

const binding = [
  '# A token is accepted only from the sender that it is bound to. To accept a token from every sender, write',
  '# [certificate, none]: a stolen token is accepted then too, and validate warns about it.',
];

/** For a proxy that stands before one application. */
export function rulesForAll({ trustDomain }: FirstAnswers): string {
  // With SPIFFE IDs, `validate` looks for the rules of a mesh.
  const ignored =
    trustDomain === undefined
      ? ''
      : '# lint: ignore rule-without-destination: this proxy stands before one application only\n';
  return `rules:
${ignored}- name: health # without a token
  match: {methods: [GET], paths: [/healthz]}
  public: true
- name: all
  require:
    ${binding.join('\n    ')}
    binding: [certificate]
    # scopes: [orders.read]
`;
}

/** In a mesh, each workload has rules of its own: a sidecar accepts every Host. */
export function rulesOfWorkload({ trustDomain = usualTrustDomain, workload }: FirstAnswers): string {
  const example = `spiffe://${trustDomain}/ns/applications/sa/orders`;
  return `# A rule of a workload applies only where the certificate of its own proxy has this name.
rules: []
workloads:
  orders: # a name for the log and the metrics
    destinations: [${yamlValue(workload ?? example)}]${workload === undefined ? ' # change this' : ''}
    rules:
    - name: health # without a token
      match: {methods: [GET], paths: [/healthz]}
      public: true
    - name: all
      require:
        ${binding.join('\n        ')}
        binding: [certificate, workload]
        # scopes: [orders.read]
`;
}
