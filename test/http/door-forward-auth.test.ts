import test, { type ExecutionContext } from 'ava';
import { openClient } from '../support/client.ts';
import { startPeerproof } from '../support/peerproof.ts';
import { checked, forwardAuthConfig, type Headers, original } from './forward-auth-cases.ts';
import { bearer, certificates, element, IDS, issuer, token } from './parity-world-cases.ts';

/** Checks of nginx, Caddy and Traefik through the port itself: what counts of what they say. */

const peerproof = await startPeerproof(forwardAuthConfig);
const asOauth2Proxy = await startPeerproof({ ...forwardAuthConfig, identity: { preset: 'oauth2-proxy' } });
await Promise.all([peerproof.ready, asOauth2Proxy.ready]);
test.after.always(async () => {
  for (const one of [peerproof, asOauth2Proxy]) await one.drain();
  await issuer.stop();
});

type Checked = Awaited<ReturnType<typeof checked>>;
function isRefused(t: ExecutionContext, { heard, line }: Checked, reason: string) {
  t.is(line.reason, reason);
  t.true(heard.status >= 400);
  t.false('x-auth-request-user' in heard.headers);
}

test.serial('forward auth – an allowed check is a 202 with the identity, and never a 200', async (t) => {
  for (const by of [peerproof, asOauth2Proxy]) {
    const { heard, line } = await checked(by, [...original(), bearer(token())]);
    t.is(heard.status, 202);
    t.is(heard.body, '');
    t.is(heard.headers['x-auth-request-user'], 'alice');
    t.is(heard.headers['cache-control'], 'no-store');
    t.like(line, { door: 'forward-auth', reason: 'allowed', path: '/bearer/x', host: 'orders.example.com' });
    const open = await checked(by, original('/healthz'));
    t.is(open.heard.status, 202);
    t.like(open.line, { door: 'forward-auth', reason: 'public' });
  }
});

test.serial('forward auth – refusals have JSON in the standard preset, and text in the other', async (t) => {
  const { heard } = await checked(peerproof, original());
  t.is(heard.status, 401);
  t.is(JSON.parse(heard.body).error, 'unauthorized');
  t.is(heard.headers['www-authenticate'], 'Bearer realm="orders"');
  const plain = await checked(asOauth2Proxy, original());
  t.is(plain.heard.status, 401);
  t.is(plain.heard.body, 'Unauthorized\n');
  t.is(plain.heard.headers['content-type'], 'text/plain; charset=utf-8');
});

const conventions: Record<string, Headers> = {
  '/oauth2/auth': original('/claims?x=1', 'POST', 'Orders.example.com:8443'),
  '/url': [
    ['x-original-method', 'POST'],
    ['x-original-url', 'https://Orders.example.com:8443/claims?x=1'],
    ['x-original-host', 'Orders.example.com:8443'],
  ],
  '/forwarded': [
    ['x-forwarded-method', 'POST'],
    ['x-forwarded-host', 'Orders.example.com:8443'],
    ['x-forwarded-uri', '/claims?x=1'],
  ],
};
for (const [target, headers] of Object.entries(conventions))
  test.serial(
    `forward auth – ${target}: the request is read from its headers, over both protocols`,
    async (t) => {
      const allowed = await checked(peerproof, [...headers, bearer(token({ tenant: 'blue' }))], { target });
      t.is(allowed.heard.status, 202);
      t.like(allowed.line, { method: 'POST', host: 'Orders.example.com:8443', path: '/claims' });
      isRefused(t, await checked(peerproof, [...headers, bearer(token())], { target }), 'claim_mismatch');
      const client = openClient({ port: peerproof.httpPort, protocol: 'h2' });
      try {
        for (const [claims, status] of [
          [{ tenant: 'blue' }, 202],
          [{}, 403],
        ] as const) {
          const parts = { path: target, headers: [...headers, bearer(token(claims))] };
          t.is((await client.request(parts)).status, status);
        }
      } finally {
        client.close();
      }
    },
  );

const doubled: Record<string, Headers> = {
  'the method': [...original('/healthz'), ['x-original-method', 'GET']],
  'the host': [...original('/healthz'), ['X-Original-Host', 'orders.example.com']],
  'an empty method': [['x-original-method', ''], ...original('/healthz')],
  // Whichever the client wrote: a proxy that adds its header instead of replacing it must not leave the choice to it.
  'the path': [['x-original-uri', '/healthz'], ...original('/bearer/x')],
  'the path, hidden in the query': [['x-original-uri', '/healthz?'], ...original('/bearer/x')],
  'the path, behind': [...original('/healthz?'), ['x-original-uri', '/bearer/x']],
  'the same path': [...original('/healthz?'), ['x-original-uri', '/healthz?']],
};
for (const [title, headers] of Object.entries(doubled))
  test.serial(`forward auth – refused: ${title} twice`, async (t) => {
    const asked = await checked(peerproof, headers);
    t.is(asked.heard.status, 400, JSON.stringify(asked.line));
    isRefused(t, asked, 'request_malformed');
  });

test.serial('forward auth – headers with similar names are ignored', async (t) => {
  const [method, , host] = original() as [[string, string], [string, string], [string, string]];
  for (const name of ['x_original_uri', 'X-Original_URI', 'x-original-uri2', 'x-original'])
    isRefused(t, await checked(peerproof, [method, host, [name, '/healthz']]), 'request_malformed');
});

const paths = [
  '//healthz',
  '/healthz/../bearer/x',
  '/healthz;x',
  '/%2e%2e/healthz',
  'healthz',
  '*',
  '?x',
  '#',
];
for (const path of [...paths, 'http://orders.example.com/healthz'])
  test.serial(`forward auth – an original path ${path} is refused`, async (t) => {
    isRefused(t, await checked(peerproof, original(path)), 'path_ambiguous');
  });

const groups = token({ groups: ['ops', 'dev'], email: 'a@b.example' });
const allowLists: [query: string, reason: string][] = [
  ['', 'allowed'],
  ['?', 'allowed'],
  ['?allowed_groups=ops', 'allowed'],
  ['?allowed_groups=x,dev', 'allowed'],
  ['?allowed_groups=x%2Cdev', 'allowed'],
  ['?allowed_groups=x&allowed_groups=dev', 'allowed'],
  ['?allowed_emails=a%40b.example', 'allowed'],
  ['?allowed_email_domains=b.example', 'allowed'],
  ['?allowed_groups=ops&allowed_emails=x', 'email_not_allowed'],
  ['?allowed_groups=OPS', 'group_not_allowed'],
  ['?allowed_groups=op', 'group_not_allowed'],
  ['?allowed_groups=', 'group_not_allowed'],
  ['?allowed_groups', 'group_not_allowed'],
  ['?allowed_groups=,', 'group_not_allowed'],
  ['?allowed_emails=', 'email_not_allowed'],
  ['?allowed_email_domains=example', 'email_not_allowed'],
  ['?allowed_group=ops', 'request_malformed'],
  ['?allowed_groups=ops&rd=/', 'request_malformed'],
];
for (const [query, reason] of allowLists)
  test.serial(`forward auth – a proxy that demands ${query || 'nothing'}: ${reason}`, async (t) => {
    const target = `/oauth2/auth${query}`;
    const asked = await checked(peerproof, [...original(), bearer(groups)], { target });
    t.is(asked.line.reason, reason, asked.line.detail);
    t.is(asked.heard.status, { allowed: 202, request_malformed: 400 }[reason] ?? 403);
    if (query.length < 2) return;
    // Requirements of the proxy also apply to public rules, which verify no token.
    const open = await checked(peerproof, original('/healthz'), { target });
    isRefused(t, open, reason === 'request_malformed' ? reason : open.line.reason);
    t.regex(open.line.reason, /^(?:group_not_allowed|email_not_allowed|request_malformed)$/);
  });

test.serial('forward auth – the certificate is read only from its header', async (t) => {
  const { client, thief } = certificates;
  const text = token({ cnf: { 'x5t#S256': client.thumbprint }, client_id: 'none' });
  const asking = (...more: Headers) => checked(peerproof, [...original('/orders/1'), bearer(text), ...more]);
  const good = await asking(['X-Client-Cert', client.urlEncodedPem]);
  t.is(good.heard.status, 202, good.line.detail);
  t.like(good.line, { bound_by: 'certificate', peer_from: 'attribute', spiffe_id: IDS.client });
  // As Caddy and Traefik write it.
  const base64 = await asking(['x-client-cert', client.der.toString('base64')]);
  t.like(base64.line, { reason: 'allowed', bound_by: 'certificate', spiffe_id: IDS.client });
  isRefused(t, await asking(['x-client-cert', thief.urlEncodedPem]), 'binding_certificate_mismatch');
  const other = await asking(['x-client-cert', thief.der.toString('base64')]);
  isRefused(t, other, 'binding_certificate_mismatch');
  const rubbish = await asking(['x-client-cert', Buffer.from('rubbish').toString('base64')]);
  isRefused(t, rubbish, 'peer_certificate_malformed');
  const twice: Headers = [
    ['x-client-cert', client.urlEncodedPem],
    ['x-client-cert', thief.urlEncodedPem],
  ];
  isRefused(t, await asking(...twice), 'peer_certificate_malformed');
  isRefused(t, await asking(), 'binding_peer_missing');
  const forgeries: Headers = [
    ['x-forwarded-client-cert', element(client, IDS.client)],
    ['x-client-certificate', client.urlEncodedPem],
    ['x_client_cert', client.urlEncodedPem],
  ];
  for (const forged of forgeries) isRefused(t, await asking(forged), 'binding_peer_missing');
  const stolen = await asking(['x-client-cert', thief.urlEncodedPem], ...forgeries);
  t.is(stolen.line.spiffe_id, IDS.thief);
  isRefused(t, stolen, 'binding_certificate_mismatch');
});

test.serial(
  'forward auth – a check of Envoy is never read as one of these, and the other way round',
  async (t) => {
    const forged: Headers = [
      ...original('/healthz'),
      ['x-forwarded-uri', '/healthz'],
      ['x-forwarded-method', 'GET'],
    ];
    for (const path of ['/oauth2/auth', '/url', '/forwarded']) {
      const { heard, line } = await checked(peerproof, forged, {
        target: `/check${path}`,
        host: 'orders.example.com',
      });
      t.is(heard.status, 403);
      t.like(line, { door: 'http', reason: 'no_rule', path });
    }
    for (const target of ['/oauth2/auth/', '/oauth2/auth/x', '/oauth2', '/oauth2/authx', '/URL', '//url'])
      t.like((await checked(peerproof, forged, { target })).line, {
        door: 'http',
        reason: 'request_malformed',
      });
  },
);

// Envoy says it of itself; here it is a header of the client, which nginx passes on like any other.
test.serial('forward auth – a client cannot make its own check an outage', async (t) => {
  issuer.behave(issuer.paths.jwks, { kind: 'late', ms: 300 });
  try {
    for (const patience of ['0.000001', '1', '5']) {
      const headers: Headers = [...original(), ['x-envoy-expected-rq-timeout-ms', patience]];
      const asked = await checked(peerproof, [...headers, bearer(token({}, { kid: `unknown-${patience}` }))]);
      t.not(asked.line.effect, 'unavailable', asked.line.detail);
    }
  } finally {
    issuer.behave(issuer.paths.jwks, { kind: 'ok' });
  }
});

test.serial('forward auth – metrics: each decision is counted for its door', async (t) => {
  const { metric, decisions } = peerproof;
  for (const door of ['forward-auth', 'http', 'grpc']) {
    const lines = decisions().filter((line) => line.door === door);
    t.is(await metric('peerproof_decisions_total', { door }), lines.length, door);
    t.is(lines.length > 0, door !== 'grpc');
  }
});
