import test, { type ExecutionContext } from 'ava';
import { presets } from '../../src/core/identity/presets.ts';
import { reasons } from '../../src/core/reasons.ts';
import { request } from '../support/client.ts';
import { envoyTest, hasEnvoy } from '../support/envoy-test.ts';
import { dpopError, expectedRefusals } from '../support/expected-answers.ts';
import type { AtEnvoy, Case, Input, Seen } from './case.ts';
import { type View, viewsOf } from './check.ts';
import { casesOf } from './corpus.ts';
import { type EnvoyWorld, startEnvoyWorld } from './envoy-world.ts';
import { PROTECTED_RESOURCE } from './fixture.ts';
import { canPassFor, isDiscreet, isOneLine, judgeLine, passes, secretsOf } from './judge.ts';
import { type Heard, say } from './plain-client.ts';
import { onlyLine } from './running.ts';

/** Every attack that Envoy lets through, from the client's side, with `failure_mode_allow`. */

let world: EnvoyWorld;
test.before(async () => {
  if (hasEnvoy) world = await startEnvoyWorld();
});
test.after.always(async () => {
  await world?.stop();
});

type Expected =
  | { readonly reason: Case['reason']; readonly seen?: Seen | undefined }
  | { readonly status: number };

/** The listeners for one case; what HTTP/2 alone carries comes to all three. */
function listenersFor(one: Case): readonly (View | 'edge')[] {
  if (one.edge) return ['edge'];
  return one.h2 ? [...viewsOf(one), 'edge'] : viewsOf(one);
}

/** What must come of it at one of them. */
function expectedAt(view: View | 'edge', { reason, hash, seen, envoy = {} as AtEnvoy }: Case): Expected {
  if ('refuses' in envoy) return { status: envoy.refuses };
  if ('becomes' in envoy) return { reason: envoy.becomes, seen: envoy.seen };
  if ('normalised' in envoy && view === 'certificate')
    return typeof envoy.normalised === 'number' ? { status: envoy.normalised } : { reason: envoy.normalised };
  return view === 'hash' && hash ? { reason: hash } : { reason, seen };
}

async function send(view: View | 'edge', { world: name = 'main', h2 }: Case, input: Input): Promise<Heard> {
  const { sender, behindGateway, token, headers = [] } = input;
  const listener = behindGateway ? `gateway-${view}` : `${name}-${view}`;
  const port = world.envoy.port(listener);
  const lines = [...(token === undefined ? [] : [['Authorization', `Bearer ${token}`] as const]), ...headers];
  const { method = 'GET', path = '/bearer', host = 'orders.example.com', body } = input;
  if (h2) {
    const identity = sender && { certPem: sender.certPem, keyPem: sender.keyPem };
    const tls = { caPem: world.stage.fixture.ca.certPem, ...identity };
    const all = [[':authority', host] as const, ...lines];
    const answer = await request(
      { port, tls, protocol: 'h2' },
      { method, path, headers: all, ...(body && { body }) },
    );
    return {
      status: answer.status,
      headers: Object.fromEntries(answer.headers),
      body: answer.body,
      whole: true,
    };
  }
  return say(
    { port, tls: { ...(sender && { cert: sender.certPem, key: sender.keyPem }) } },
    { method, target: path, host, headers: lines, body },
  );
}

function isRefused(
  t: ExecutionContext,
  heard: Heard,
  reason: keyof typeof expectedRefusals,
  input: Input,
  title: string,
) {
  const [status, , challenge] = expectedRefusals[reason];
  t.is(heard.status, status, `${title}: ${heard.body}`);
  t.is(heard.headers['cache-control'], 'no-store', title);
  t.is('retry-after' in heard.headers, status === 503, title);
  if (input.method === 'HEAD' || heard.body === '{}') return;
  const body = JSON.parse(heard.body);
  t.is(body.error_description, reasons[reason].text, title);
  t.deepEqual(Object.keys(body), ['error', 'error_description', 'decision_id'], title);
  const asked = heard.headers['www-authenticate'];
  if (input.path?.startsWith('/wit')) t.is(asked, status === 401 ? 'WPT' : undefined, title);
  else if (challenge === null || /^\/(?:spiffe-|certificate-)?token\b/.test(input.path ?? ''))
    t.is(asked, undefined, title);
  else {
    const error = asked?.startsWith('DPoP') ? dpopError(challenge, reason) : challenge;
    t.regex(asked ?? '', error === '' ? /^Bearer realm="[^"]*"$/ : new RegExp(`error="${error}"`), title);
  }
}

/** The application gets what was proven, once, and nothing that the client made up. */
function isReceived(t: ExecutionContext, heard: Heard, seen: Seen | undefined, title: string) {
  t.is(heard.status, 200, `${title}: ${heard.body}`);
  const received: [string, string][] = JSON.parse(heard.body).headers;
  for (const [name, value] of received) {
    if (canPassFor(name))
      t.true(Object.hasOwn(presets.standard, name), `${title}: ${name} reached the application`);
    const managed = Object.hasOwn(presets['oauth2-proxy'], name.replaceAll('_', '-'));
    if (managed || canPassFor(name))
      t.false(/forged/i.test(value), `${title}: ${name}: ${value} reached the application`);
  }
  for (const [name, value] of Object.entries(seen?.headers ?? {}))
    t.deepEqual(
      received.filter(([key]) => key === name).map(([, text]) => text),
      value === null ? [] : [value],
      `${title}: ${name}`,
    );
}

/** Peerproof itself has answered. */
function isServed(t: ExecutionContext, heard: Heard, title: string) {
  t.is(heard.status, 200, `${title}: ${heard.body}`);
  if (heard.body !== '') t.is(JSON.parse(heard.body).resource, PROTECTED_RESOURCE, title);
}

for (const { title, source, one } of casesOf()) {
  if (one.envoy && 'cannot' in one.envoy) continue;
  envoyTest(`${title} (${source})`, async (t) => {
    const input = one.send(world.stage.fixture);
    t.true(!input.says && !input.bytes && !input.connection && !input.context, 'no Envoy would send this');
    const running = world.running[one.world ?? 'main'];
    running.newLines();
    for (const view of listenersFor(one)) {
      const expected = expectedAt(view, one);
      const before = world.app.seen;
      const heard = await send(view, one, input);
      if ('status' in expected) {
        t.is(heard.status, expected.status, `${view}: ${heard.body}`);
        t.deepEqual(running.newLines(), [], `${view}: somebody was asked`);
        t.is(world.app.seen, before, view);
        continue;
      }
      const { reason, seen } = expected;
      const { text, line } = onlyLine(running, `${view}: ${heard.status} ${heard.body}`);
      t.is(line.reason, reason, `${view}: ${line.detail}`);
      judgeLine(t, line, seen, view);
      isOneLine(t, text, view);
      isDiscreet(t, text, secretsOf(input), `${view}: the log`);
      t.is(world.app.seen - before, passes(reason) ? 1 : 0, `${view}: the application`);
      if (passes(reason)) isReceived(t, heard, seen, view);
      else if (reason === 'metadata_served') isServed(t, heard, view);
      else isRefused(t, heard, reason as keyof typeof expectedRefusals, input, view);
      if (!passes(reason)) isDiscreet(t, heard.body, secretsOf(input), view);
    }
  });
}

envoyTest('nobody followed a token to another server', (t) => {
  t.is(world.stage.lured(), 0);
});
