import test from 'ava';
import { assertDiscreet, envoyTest, hasEnvoy } from '../support/envoy-test.ts';
import { IDS } from '../support/mesh.ts';
import { APIS, projected, type Systems, startSystems, TOKEN_ENDPOINT } from '../support/systems.ts';
import { waitFor } from '../support/wait.ts';

/** Rows S1 to S4 of the systems that Peerproof replaces or serves, end to end. */

let systems: Systems;
test.before(async () => {
  if (hasEnvoy) systems = await startSystems();
});
test.after.always(async () => {
  await systems?.stop();
});

/** What the callers of refused requests were told. */
const refusals: string[] = [];
const send: Systems['mesh']['send'] = async (...parts) => {
  const answer = await systems.mesh.send(...parts);
  if (answer.status !== 200) refusals.push(`${JSON.stringify(answer.headers)} ${answer.body}`);
  return answer;
};

const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const form = (assertion: string, changes: object = {}) =>
  new URLSearchParams({
    ...{ grant_type: 'client_credentials', client_id: 'oauthclient', client_assertion: assertion },
    ...{ client_assertion_type: type, scope: 'products', ...changes },
  }).toString();
const post = (
  listener: string,
  who: 'client' | 'thief' | undefined,
  body: string,
  contentType = 'application/x-www-form-urlencoded',
) =>
  send(listener, {
    who,
    method: 'POST',
    path: '/token',
    body,
    headers: [['content-type', contentType]],
  });
const svid = (claims: object = {}) =>
  systems.spire.signer.sign({
    ...{
      iss: systems.spire.server.issuer,
      aud: [TOKEN_ENDPOINT],
      sub: IDS.client,
      exp: Math.floor(Date.now() / 1000) + 300,
    },
    ...claims,
  });

for (const listener of ['token', 'token-bytes'])
  envoyTest(
    `S1 – ${listener}: a client assertion passes from its workload, and the body goes on unchanged`,
    async (t) => {
      for (const assertion of [
        projected(systems.both),
        projected(systems.reviewed),
        projected(systems.managed),
        svid(),
      ]) {
        const body = form(assertion);
        const answer = await post(listener, 'client', body);
        t.is(answer.status, 200, answer.body);
        t.is(answer.json().body, body);
        t.is(systems.mesh.decisionOf(answer).client_id, 'oauthclient');
      }
    },
  );

envoyTest(
  'S1 – a client assertion is refused: stolen, for another client, twice, cut off, of another type',
  async (t) => {
    const assertions = { 'ServiceAccount token': projected(systems.both), 'JWT-SVID': svid() };
    for (const [kind, assertion] of Object.entries(assertions))
      for (const [reason, who, body, contentType] of [
        ['binding_workload_mismatch', 'thief', form(assertion)],
        ['binding_peer_missing', undefined, form(assertion)],
        ['client_not_registered', 'client', form(assertion, { client_id: 'another' })],
        ['assertion_ambiguous', 'client', `${form(assertion)}&client_assertion=${assertion}`],
        ['body_unreadable', 'client', `${form(assertion)}&pad=${'x'.repeat(9_000)}`],
        ['body_unreadable', 'client', form(assertion), 'application/json'],
      ] as const) {
        const before = systems.mesh.app.seen;
        const answer = await post('token', who, body, contentType);
        t.is(systems.mesh.decisionOf(answer).reason, reason, `${kind}, ${reason}`);
        t.is(systems.mesh.app.seen, before);
      }
  },
);

envoyTest(
  'S1 – the access token that follows is accepted as a JWT and as an opaque token, from its workload only',
  async (t) => {
    const token = (resource: string) =>
      systems.oidc.token({ clientId: 'oauthclient', resource, scope: 'products' });
    for (const [path, bearer] of [
      ['/orders', await token(APIS.jwt)],
      ['/opaque', await token(APIS.opaque)],
    ] as const) {
      const good = await send('api', { who: 'client', path, token: bearer });
      t.is(good.status, 200, good.body);
      t.is(systems.mesh.decisionOf(good).bound_by, 'workload');
      const stolen = await send('api', { who: 'thief', path, token: bearer });
      t.is(systems.mesh.decisionOf(stolen).reason, 'binding_workload_mismatch');
    }
    const unknown = await send('api', { who: 'client', path: '/opaque', token: 'never-issued' });
    t.is(systems.mesh.decisionOf(unknown).reason, 'token_inactive');
    const elsewhere = await send('api', {
      who: 'client',
      path: '/orders',
      token: 'never-issued',
    });
    t.is(systems.mesh.decisionOf(elsewhere).reason, 'token_malformed');
  },
);

envoyTest(
  'S2 – a certificate-bound token passes with its certificate; after rotation the workload binds',
  async (t) => {
    const { mesh, oidc } = systems;
    for (const [path, resource] of [
      ['/orders', APIS.jwt],
      ['/opaque', APIS.opaque],
    ] as const) {
      const token = await oidc.token({
        clientId: 'bound',
        resource,
        scope: 'products',
        certificate: mesh.who.client,
      });
      const own = await send('api', { who: 'client', path, token });
      t.is(own.status, 200, own.body);
      t.is(mesh.decisionOf(own).bound_by, 'certificate');
      // "bound" is registered for no workload, so only the certificate proves it.
      const rotated = await send('api', { who: 'rotated', path, token });
      t.is(mesh.decisionOf(rotated).reason, 'binding_certificate_mismatch');
      const stolen = await send('api', { who: 'thief', path, token });
      t.is(mesh.decisionOf(stolen).reason, 'binding_certificate_mismatch');
    }
    const plain = await oidc.token({ clientId: 'oauthclient', resource: APIS.jwt, scope: 'products' });
    t.is((await send('api', { who: 'rotated', path: '/orders', token: plain })).status, 200);
  },
);

envoyTest('S3 – TokenReview notices a deleted pod; a signature alone does not', async (t) => {
  const outcome = async (token: string) => {
    const answer = await send('api', { who: 'client', token });
    return answer.status === 200 ? 'allowed' : systems.mesh.decisionOf(answer).reason;
  };
  for (const [cluster, wanted] of [
    [systems.reviewed, 'token_review_refused'],
    [systems.both, 'token_review_refused'],
    [systems.managed, 'allowed'],
  ] as const) {
    const deleted = projected(cluster);
    cluster.revoke(deleted);
    t.is(await outcome(deleted), wanted);
    t.is(await outcome(projected(cluster)), 'allowed');
    t.is(await outcome(projected(cluster, { lifetime: -60 })), 'token_expired');
  }
});

envoyTest('S4 – several clusters, odd audiences, rules by ServiceAccount and pod', async (t) => {
  const { mesh, managed, both } = systems;
  const reason = async (path: string, token: string, who: 'client' | 'thief' = 'client') =>
    mesh.decisionOf(await send('api', { who, path, token })).reason;
  for (const cluster of [managed, both]) {
    t.is(await reason('/hello', projected(cluster, { audiences: ['hello'] })), 'allowed');
    t.is(await reason('/hello', projected(cluster, { audiences: ['a "quoted" audience'] })), 'allowed');
    t.is(
      await reason('/hello', projected(cluster, { audiences: ['other'] })),
      cluster === managed ? 'token_audience_mismatch' : 'token_review_refused',
    );
    t.is(
      await reason('/hello', projected(cluster, { name: 'thief' }), 'thief'),
      'service_account_not_allowed',
    );
    t.is(await reason('/pods', projected(cluster)), 'allowed');
    t.is(await reason('/pods', projected(cluster, { pod: 'client-1' })), 'service_account_not_allowed');
  }
  const foreign = both.signer.sign({
    iss: managed.url,
    aud: ['hello'],
    sub: 'system:serviceaccount:applications:client',
  });
  t.is(await reason('/hello', foreign), 'token_issuer_unknown', 'the slash at the end belongs to the name');
});

envoyTest(
  'S4 – a stolen ServiceAccount token and a stolen JWT-SVID are refused with their reason',
  async (t) => {
    for (const token of [projected(systems.both), projected(systems.managed), svid()]) {
      const answer = await send('api', { who: 'thief', token });
      t.is(answer.status, 401);
      t.is(systems.mesh.decisionOf(answer).reason, 'binding_workload_mismatch');
    }
  },
);

envoyTest(
  'the API server hangs: 503 within the deadline, other issuers go on, and it recovers by itself',
  async (t) => {
    const { mesh, both, managed } = systems;
    both.behave(both.paths.reviews, { kind: 'hang' });
    const hung = await Promise.all(
      Array.from({ length: 12 }, () => send('api', { who: 'client', token: projected(both) })),
    );
    // With a body that says so: Envoy's own answer to an authorizer that is late is a 403.
    for (const answer of hung) {
      t.is(answer.status, 503);
      t.truthy(answer.header('retry-after'));
      t.true(['api_server_unavailable', 'deadline_exceeded'].includes(mesh.decisionOf(answer).reason));
    }
    t.is((await send('api', { who: 'client', token: projected(managed) })).status, 200);
    t.true(both.mostAtOnce <= 64);
    both.behave(both.paths.reviews, { kind: 'ok' });
    await waitFor(
      'an answer',
      20_000,
      async () => (await send('api', { who: 'client', token: projected(both) })).status === 200,
      250,
    );
    t.is((await send('api', { who: 'client', token: projected(both) })).status, 200);
  },
);

envoyTest('nothing of tokens, secrets or answers in the log, or in what a refused caller is told', (t) => {
  t.true(refusals.length > 30);
  assertDiscreet(t, systems.mesh.peerproof.lines, systems.mesh.tokens);
  const log = JSON.stringify([...systems.mesh.peerproof.lines, ...refusals]);
  for (const secret of [
    'own-token-of-peerproof',
    systems.oidc.clientSecret('authorizer'),
    'eyJ',
    '"active"',
    'never-issued',
  ])
    t.false(log.includes(secret), secret);
});
