import test, { type ExecutionContext } from 'ava';
import { reasons } from '../../src/core/reasons.ts';
import { expectedRefusals } from '../support/expected-answers.ts';
import type { LogLine } from '../support/peerproof.ts';
import { named } from './corpus.ts';
import type { HttpCase } from './http-case.ts';
import { httpConfigs } from './http-world.ts';
import { isDiscreet, isOneLine, judgeLine, passes, secretsOf } from './judge.ts';
import { type Heard, say } from './plain-client.ts';
import { endAll, onlyLine, startAll } from './running.ts';
import { openStage } from './stage.ts';

/** Every attack on the HTTP door, byte by byte as a client of the port would send it. */

const stage = await openStage();
const { fixture } = stage;
const running = await startAll(httpConfigs(stage.configs.main, stage.configs.owned), () => fixture.now);
test.after.always(async () => {
  await endAll(running);
  await stage.stop();
});

/** Envoy would take a 5xx for no answer at all, and let the request in where it is told to fail open. */
const instead: Readonly<Record<number, number>> = { 503: 429, 500: 403 };

function isRefused(
  t: ExecutionContext,
  heard: Heard,
  reason: keyof typeof expectedRefusals,
  { door, rule }: LogLine,
) {
  const [status, , challenge] = expectedRefusals[reason];
  t.is(heard.status, door === 'http' ? (instead[status] ?? status) : status, heard.body);
  t.is(heard.headers['cache-control'], 'no-store');
  t.is(heard.headers['x-envoy-auth-headers-to-remove'], undefined);
  // A token endpoint asks for no bearer token.
  const isOfClient = /token-endpoint$|-token$/.test(rule ?? '');
  t.is('www-authenticate' in heard.headers, challenge !== null && !isOfClient);
  const body = JSON.parse(heard.body);
  t.is(body.error_description, reasons[reason].text);
}

function isAllowed(t: ExecutionContext, heard: Heard, { setup, seen, status }: HttpCase) {
  const forwardAuth = status ?? (['nginx', 'ingress', 'caddy', 'foreign'].includes(setup) ? 202 : 200);
  t.is(heard.status, forwardAuth, heard.body);
  t.is(heard.body, '');
  const removed = heard.headers['x-envoy-auth-headers-to-remove'];
  // Only Envoy removes what an answer names.
  t.is(removed !== undefined, forwardAuth === 200);
  for (const [name, value] of Object.entries(seen?.headers ?? {})) {
    t.is(heard.headers[name] ?? null, value, name);
    if (value === null && removed) t.true(removed.split(',').includes(name), name);
  }
}

for (const { title, source, one } of named(({ http }) => http))
  test.serial(`${title} → ${one.reason ?? one.status} (${source})`, async (t) => {
    const door = running[one.setup];
    door.newLines();
    const {
      method = 'GET',
      target = '/bearer',
      host = 'orders.example.com',
      headers = [],
      token,
      body,
    } = one.ask(fixture);
    const lines = [
      ...(token === undefined ? [] : [['authorization', `Bearer ${token}`] as const]),
      ...headers,
    ];
    const heard = await say(
      { port: door.httpPort, ...(one.from !== undefined && { from: one.from }) },
      { method, target, host, headers: lines, body },
    );
    if (one.reason === undefined) {
      t.is(heard.status, one.status ?? 400, heard.body);
      // Node tells of a request when its head is there, and only then of what is wrong with the rest.
      for (const line of door.newLines())
        t.is(JSON.parse(line).effect, 'deny', 'it became a check that passed');
      return;
    }
    const { text, line } = onlyLine(door, `${heard.status} ${heard.body}`);
    t.is(line.reason, one.reason, line.detail);
    judgeLine(t, line, one.seen, title);
    isOneLine(t, text, title);
    const secrets = secretsOf({ headers: lines, path: target });
    isDiscreet(t, text, secrets, 'the log');
    if (passes(one.reason)) isAllowed(t, heard, one);
    else {
      isRefused(t, heard, one.reason as keyof typeof expectedRefusals, line);
      isDiscreet(t, heard.body, secrets, 'the answer');
    }
  });
