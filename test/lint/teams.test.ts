import test, { type ExecutionContext } from 'ava';
import { loadConfig } from '../../src/config/load.ts';
import { lint } from '../../src/lint/lint.ts';
import { createTeamFolder } from '../config/teams/team-folder.ts';

const shared = 'destinations: ["spiffe://cluster.local/ns/shared/sa/api"]';

/** What is found about two teams that share a workload, but for open ports and unused settings. */
function lintTeams(t: ExecutionContext, billing: string, last = '') {
  const { file, folder } = createTeamFolder(t, {
    'peerproof.yaml': `listen: {grpc: 127.0.0.1:9001, admin: 127.0.0.1:9003}
issuers: {corp: {issuer: https://login.example.com, audiences: [a]}}
peers: {trustDomains: {cluster.local: {}}}
delegate:
- {owner: payments, namespaces: [shared]}
- {owner: billing, namespaces: [shared]}
include: rules.d/*.yaml
rules: []
lastRules: [${last}]
`,
    'rules.d/payments.yaml': `owner: payments\nrules:\n- {name: pay, match: {paths: ["/pay/**"], ${shared}}}\n`,
    'rules.d/billing.yaml': `owner: billing\nrules:\n${billing}`,
  });
  return lint(loadConfig(file)).map(
    ({ file: where, line, check, key, message }) =>
      `${where.slice(folder.length + 1)}:${line} ${check} ${key} ${message}`,
  );
}

test('lint of teams – a conflict and a rule that never decides stand in the file of the later team', (t) => {
  t.deepEqual(
    lintTeams(
      t,
      `- {name: other, match: {paths: [/other], ${shared}}}\n- {name: pay, match: {paths: [/pay/now], ${shared}}}\n`,
    ),
    [
      'rules.d/billing.yaml:4 unreachable-rule rules[1].name never decides: the rule payments/pay stands before it and covers all its requests; narrow that rule, move this one up, or remove it',
      'rules.d/billing.yaml:4 team-conflict rules[1].match some requests of the rule pay are decided by payments/pay, which is tried first: narrow one of the two',
    ],
  );
});

test('lint of teams – a comment in the file of a team is for its own findings', (t) => {
  const rule = `- {name: pay, match: {paths: ["/*/now"], ${shared}}}`;
  t.is(lintTeams(t, `${rule}\n`).length, 1);
  t.deepEqual(lintTeams(t, `# lint: ignore team-conflict: payments decides\n${rule}\n`), []);
});

test('lint of teams – a last rule that never decides is found, and a team comes before it', (t) => {
  const last = `{name: late, match: {paths: [/pay/now], ${shared}}}, {name: rest, match: {${shared}}}`;
  t.deepEqual(lintTeams(t, `- {name: bill, match: {paths: [/bill], ${shared}}}\n`, last), [
    'peerproof.yaml:9 unreachable-rule lastRules[0].name never decides: the rule payments/pay stands before it and covers all its requests; narrow that rule, move this one up, or remove it',
  ]);
});
