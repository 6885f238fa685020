import assert from 'node:assert/strict';
import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { Door } from '../../../src/core/check.ts';
import type { Decision } from '../../../src/core/decision.ts';
import type { Evidence } from '../../../src/core/evidence.ts';
import type { Policy } from '../../../src/core/judgement.ts';
import { reasons } from '../../../src/core/reasons.ts';
import { checkResponseOf } from '../../../src/grpc/check-response.ts';
import { httpAnswerOf } from '../../../src/http/check-response.ts';
import { createHttpSettings } from '../../../src/http/settings.ts';
import { createDecisionLog } from '../../../src/operate/decision-log.ts';
import { explained } from '../../support/answers.ts';
import { type ReceivedResponse, receiveResponse } from '../../support/check-wire.ts';
import { expectedRefusals } from '../../support/expected-answers.ts';

/** What must hold of every decision, whatever was asked: its reason, its answers, its line in the log. */
export function holdsOfDecision(
  decision: Decision,
  evidence: Evidence,
  { managed }: Policy['identity'],
  door: Door = 'grpc',
): void {
  assert.ok(Object.hasOwn(reasons, decision.reason), `the reason ${decision.reason} is not in the table`);
  assert.notEqual(decision.reason, 'internal_error', `${'detail' in decision && decision.detail}`);
  if (decision.effect === 'allow') holdsOfAllow(decision, evidence, managed);
  else if (decision.effect !== 'answer') {
    const [status] = expectedRefusals[decision.reason];
    assert.equal(decision.effect, status >= 500 ? 'unavailable' : 'deny');
  }
  holdsOfResponse(receiveResponse(checkResponseOf(decision, explained)), decision);
  holdsOfHttp(decision);
  holdsOfLog(decision, evidence, door);
}

type Allow = Extract<Decision, { effect: 'allow' }>;

/** Each managed header is set or removed, under every spelling that an application could take for it. */
function holdsOfAllow({ identity }: Allow, evidence: Evidence, managed: ReadonlyMap<string, unknown>): void {
  const set = new Map<string, string>();
  for (const [name, value] of identity.set) {
    assert.ok(!set.has(name), `${name} is set twice`);
    set.set(name, value);
    assert.match(value, /^[!-~](?:[ -~]*[!-~])?$/, `${name} has a value that is no printable ASCII`);
  }
  // Envoy removes what is both set and to be removed.
  for (const name of identity.remove.names) assert.ok(!set.has(name), `${name} is set and removed`);
  const removed = new Set(identity.remove.names);
  for (const name of managed.keys()) {
    assert.ok(set.has(name) !== removed.has(name), `${name} is neither set nor removed`);
    const other = name.replaceAll('-', '_');
    assert.ok(other === name || removed.has(other), `${other} is not removed`);
  }
  for (const name of Object.keys(evidence.request?.headers ?? {})) {
    const same = name.toLowerCase().replaceAll('_', '-');
    if (!managed.has(same)) continue;
    // Envoy compares names without case.
    assert.ok(set.has(name.toLowerCase()) || removed.has(name) || removed.has(name.toLowerCase()), name);
  }
}

/** As Envoy decodes it: an explicit status, and never an answer that obeys failure_mode_allow. */
function holdsOfResponse(response: ReceivedResponse, { effect, reason }: Decision): void {
  assert.equal(response.errorResponse, undefined);
  const code = response.status?.code ?? assert.fail('no status');
  assert.equal(code === 0, effect === 'allow', `status ${code} for ${effect}`);
  assert.equal(response.okResponse !== undefined, effect === 'allow');
  assert.equal(response.deniedResponse !== undefined, effect !== 'allow');
  assert.equal(response.status?.message, reason);
  if (effect === 'allow') return;
  assert.ok(code === 7 || code === 16, `code ${code}`);
  assert.equal(response.deniedResponse?.status?.code, reasons[reason].status);
  const body = JSON.parse(response.deniedResponse?.body ?? '');
  assert.equal(body.error_description, reasons[reason].text);
}

const { styles } = createHttpSettings({
  realm: 'peerproof',
  dpop: { algorithms: [] },
  identity: { preset: 'standard' },
  http: { xfcc: 'none', forwardAuth: [] },
});

function holdsOfHttp(decision: Decision): void {
  for (const style of [styles.check, styles.forwardAuth]) {
    const answer = httpAnswerOf(decision, style);
    if (decision.effect === 'allow') assert.equal(answer.status, style.allows.status);
    else
      assert.ok(answer.status >= 400 && (answer.status < 500 || !style.forEnvoy), `status ${answer.status}`);
    for (const [name, value] of answer.headers) {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    }
  }
}

/** One line of valid JSON, that no terminal and no reader of lines takes for anything else. */
function holdsOfLog(decision: Decision, evidence: Evidence, door: Door): void {
  const lines: string[] = [];
  const write = createDecisionLog({ write: (line) => void lines.push(line) });
  write(decision, evidence, door, 1, 0);
  assert.equal(lines.length, 1);
  const line = lines[0] ?? '';
  assert.equal(line.indexOf('\n'), line.length - 1);
  assert.doesNotMatch(line.slice(0, -1), /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
  assert.ok(line.isWellFormed());
  assert.ok(line.length < 16_384, `a line of ${line.length} characters`);
  const entry = JSON.parse(line);
  assert.equal(entry.decision_id, decision.id);
  assert.equal(entry.reason, decision.reason);
}
