import test from 'ava';
import { parse } from 'yaml';
import { createDraft } from '../../src/config/draft.ts';
import type { Door } from '../../src/core/check.ts';
import { DependencyError } from '../../src/core/denial.ts';
import type { Evidence } from '../../src/core/evidence.ts';
import { parseDecisionLine } from '../../src/decision-lines/decision-line.ts';
import { explainRecorded } from '../../src/explain/explanation.ts';
import { readRecorded } from '../../src/explain/likewise.ts';
import { reportText } from '../../src/explain/report.ts';
import { evidenceOfCheck, type ForwardedPeers } from '../../src/http/check-request.ts';
import { createDecisionLog } from '../../src/operate/decision-log.ts';
import { createCheckWorld, evidenceFor, NOW } from '../support/check-world.ts';
import { goodClaims } from '../support/token-fixture.ts';
import { SHOP } from '../support/workload-fixture.ts';
import { corp, text, workloads } from './reason-world.ts';

/** Lines of checks over HTTP, of services that observe, and of callers with odd names. */

const { shop, till } = workloads;
const token = corp.sign(goodClaims({ client_id: 'shop', scope: 'orders.read' }));
const proxy = 'spiffe://cluster.local/ns/istio-system/sa/gateway';
const own = 'spiffe://cluster.local/ns/peerproof/sa/peerproof';

/** The line that the service writes about a check, explained. */
async function explain(config: string, evidence: Evidence, door: Door) {
  const world = await createCheckWorld(parse(config));
  const lines: string[] = [];
  const decision = await world.decide(evidence, door, Number.POSITIVE_INFINITY);
  createDecisionLog({ write: (line) => void lines.push(line) })(decision, evidence, door, 123, NOW);
  world.stop();
  const line = parseDecisionLine(lines.join(''));
  const recorded = line && (await readRecorded(line, createDraft(config, 'peerproof.yaml'), NOW));
  if (!recorded) throw new TypeError(lines.join(''));
  return explainRecorded(recorded, false);
}

function added({ remedy }: Awaited<ReturnType<typeof explain>>): string {
  return remedy?.proposals.found[0]?.diff.replace(/^[^+].*\n/gm, '') ?? '';
}

const withHttp = (xfcc: string) =>
  `${text.replace('from: [attribute]', 'from: [xfcc]')}\nlisten: {http: "127.0.0.1:0"}\nhttp: {pathPrefix: /check, xfcc: ${xfcc}}\n`;

function overHttp(xfcc: ForwardedPeers, elements: readonly string[], remoteAddress = '10.0.0.1'): Evidence {
  return evidenceOfCheck(
    {
      ...{ method: 'GET', host: 'orders.example.com', target: '/check/orders/7', remoteAddress },
      headers: { authorization: `Bearer ${token}`, 'x-forwarded-client-cert': elements.join(',') },
      repeated: new Set(),
    },
    '/check',
    xfcc,
  );
}

const client = `Hash=${Buffer.from(shop.thumbprint, 'base64url').toString('hex')};URI=${SHOP}`;

test('doors – XFCC that came and is not read is told apart, and the change reads it', async (t) => {
  const explanation = await explain(withHttp('none'), overHttp('none', [client]), 'http');
  t.is(explanation.told.reason, 'binding_peer_missing');
  t.regex(explanation.sentence, /x-forwarded-client-cert came, and http\.xfcc is none/);
  t.regex(added(explanation), /xfcc: direct/, reportText(explanation, false));
});

test('doors – without XFCC no change is proposed', async (t) => {
  const explanation = await explain(withHttp('none'), overHttp('none', []), 'http');
  t.is(explanation.told.reason, 'binding_peer_missing');
  t.is(added(explanation), '');
});

test('doors – the own sidecar is named by the change', async (t) => {
  const elements = [client, `By=${own};Hash=${'0'.repeat(64)};URI=${proxy}`];
  const explanation = await explain(withHttp('direct'), overHttp('direct', elements, '127.0.0.6'), 'http');
  t.is(explanation.told.reason, 'peer_own_sidecar');
  t.regex(
    added(explanation),
    /sidecar: spiffe:\/\/cluster\.local\/ns\/peerproof\/sa\/peerproof/,
    reportText(explanation, false),
  );
});

test('doors – a refusal over HTTP that has nothing to do with the door gets its change too', async (t) => {
  const elements = [client, `By=${own};Hash=${'0'.repeat(64)};URI=${proxy}`];
  const xfcc = { sidecar: own };
  const other = { ...overHttp(xfcc, elements) };
  const request = other.request && { ...other.request, path: '/nowhere' };
  const explanation = await explain(
    withHttp(`{sidecar: "${own}"}`),
    { ...other, ...(request && { request }) },
    'http',
  );
  t.is(explanation.told.reason, 'no_rule');
  t.regex(added(explanation), /\/nowhere/);
});

test('doors – a request that is only observed is explained by what enforcing would do', async (t) => {
  const config = text.replace('- name: team\n', '- name: team\n    mode: observe\n');
  const explanation = await explain(
    config,
    evidenceFor({ path: '/team/1', certificate: till, token }),
    'grpc',
  );
  t.is(explanation.told.effect, 'allow');
  t.is(explanation.answer.status, 200);
  t.regex(
    explanation.sentence,
    /^allowed, because it is only observed\. It would be denied: peer_not_allowed – /,
  );
  t.regex(added(explanation), /applications\/sa\/till/);
});

test('doors – a client with a name of every object is registered like another', async (t) => {
  for (const name of ['constructor', 'toString', '__proto__']) {
    const odd = corp.sign(goodClaims({ client_id: name, scope: 'orders.read' }));
    const explanation = await explain(
      text,
      evidenceFor({ path: '/orders/7', certificate: shop, token: odd }),
      'grpc',
    );
    t.is(explanation.told.reason, 'binding_missing');
    t.is(added(explanation).includes(name), name !== '__proto__', reportText(explanation, false));
  }
});

test('doors – the answer is shown as the door gives it, also to proxies that take a 5xx for no answer', async (t) => {
  const outage = new DependencyError('issuer_unavailable', 'login is down', 1);
  for (const [door, status] of [
    ['grpc', 503],
    ['http', 429],
    ['forward-auth', 503],
  ] as const) {
    const explanation = await explain(text, { ...evidenceFor({ path: '/orders/7' }), outage }, door);
    t.is(explanation.answer.status, status, door);
  }
});

test('doors – a list of the proxy is not in the line, so the list of the rule is not changed', async (t) => {
  const email = corp.sign(goodClaims({ client_id: 'shop', email: 'ann@example.com', email_verified: true }));
  const explanation = await explain(
    text,
    {
      ...evidenceFor({ path: '/people/1', certificate: shop, token: email }),
      allowLists: { emails: ['bob@example.com'] },
    },
    'forward-auth',
  );
  t.regex(explanation.sentence, /email_not_allowed – the address is not in the list of the proxy/);
  t.is(added(explanation), '');
  t.deepEqual(explanation.notes, []);
});
