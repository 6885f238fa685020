import type { ExecutionContext } from 'ava';
import type { Answer } from '../support/client.ts';
import { received } from '../support/mesh.ts';
import { type Ask, CLIENT, EVIL, forgedIdentity, forgedOriginal, managed, type Orders } from './orders.ts';

/** A proxy that was started on its published configuration. */
export interface Proxied {
  readonly orders: Orders;
  /** What a client gets where Peerproof says 400: nginx knows 401 and 403 alone. */
  readonly badRequest: number;
  ask(ask: Ask): Promise<Answer>;
}

type Case = (t: ExecutionContext, proxied: Proxied) => Promise<void>;

/** Names that look like one of the managed headers to an application that takes `_` for `-`. */
function lookalikes(answer: Answer): [string, string][] {
  const names = new Set(managed);
  return answer.json().headers.filter(([name]: [string]) => names.has(name.replaceAll('_', '-')));
}

async function isDenied(t: ExecutionContext, { orders, ask }: Proxied, parts: Ask, status: number) {
  const [answer, reached] = await orders.reaching(() => ask(parts));
  t.is(answer.status, status, answer.body);
  t.is(reached, 0, 'the application was reached');
  return answer;
}

/** What holds before every proxy. */
export const cases: Readonly<Record<string, Case>> = {
  'an allowed request reaches the application as it is, with the identity and with no other': async (
    t,
    { orders, ask },
  ) => {
    const token = orders.mint({ scope: 'orders.write', groups: ['staff', 'a,b'] });
    const answer = await ask({ token, method: 'POST', path: '/orders/1?x=%2F&y', body: 'hello' });
    t.is(answer.status, 200);
    const { method, path, body, headers } = answer.json();
    t.deepEqual({ method, path, body }, { method: 'POST', path: '/orders/1?x=%2F&y', body: 'hello' });
    t.deepEqual(Object.fromEntries(lookalikes(answer)), {
      'x-auth-request-user': 'alice',
      'x-auth-request-client-id': 'orders-client',
      'x-auth-request-issuer': orders.issuer.issuer,
      'x-auth-request-scope': 'orders.write',
      'x-auth-request-groups': 'staff,a%2Cb',
    });
    t.deepEqual(received(answer, 'authorization'), [`Bearer ${token}`]);
    t.deepEqual(received(answer, 'host'), ['orders.example.com']);
    t.false(headers.some(([name]: [string]) => name.startsWith('x-envoy-')));
  },

  'without a token 401 with the challenge, with too little 403 with what is missing': async (t, proxied) => {
    const missing = await isDenied(t, proxied, {}, 401);
    t.is(missing.header('www-authenticate'), 'Bearer realm="peerproof"');
    const forged = await isDenied(t, proxied, { token: 'e30.e30.e30' }, 401);
    t.regex(forged.header('www-authenticate') ?? '', /error="invalid_token"/);
    const token = proxied.orders.mint();
    const refused = await isDenied(t, proxied, { token, method: 'POST' }, 403);
    t.regex(refused.header('www-authenticate') ?? '', /error="insufficient_scope".*scope="orders.write"/);
    t.is(refused.headers.filter(([name]) => name === 'www-authenticate').length, 1);
    await isDenied(t, proxied, { token, path: '/unknown' }, 403);
  },

  'a refusal has the ID of its decision in a header, and a client cannot write it': async (t, proxied) => {
    const headers = [['X-Decision-Id', 'forged']] as const;
    const refused = await isDenied(t, proxied, { headers }, 401);
    t.is(refused.header('x-decision-id'), proxied.orders.lastDecision().decision_id);
    const ambiguous = await isDenied(t, proxied, { headers, path: '/a;b' }, proxied.badRequest);
    t.is(ambiguous.header('x-decision-id'), proxied.orders.lastDecision().decision_id);
    const allowed = await proxied.ask({ headers, path: '/public/x' });
    t.is(allowed.status, 200);
    t.is(allowed.header('x-decision-id'), undefined);
  },

  'the log has the address of the client, and not one that the client wrote': async (t, { orders, ask }) => {
    await ask({ path: '/public/x', headers: [['X-Forwarded-For', '192.0.2.66']] });
    t.is(orders.lastDecision().source_address, '127.0.0.1');
  },

  'identity headers of a client never arrive, however they are spelled': async (t, { orders, ask }) => {
    const anybody = await ask({ path: '/public/x', headers: forgedIdentity });
    t.is(anybody.status, 200);
    t.deepEqual(lookalikes(anybody), []);
    const somebody = await ask({ token: orders.mint({ sub: 'bob' }), headers: forgedIdentity });
    t.is(somebody.status, 200);
    t.deepEqual(received(somebody, 'x-auth-request-user'), ['bob']);
    t.false(somebody.body.includes('forged'));
    t.deepEqual(
      lookalikes(somebody)
        .map(([name]) => name)
        .sort(),
      ['x-auth-request-client-id', 'x-auth-request-issuer', 'x-auth-request-user'],
    );
  },

  'a claim that looks like a placeholder of the proxy arrives as it is': async (t, { orders, ask }) => {
    const sub = '$host {http.request.host} %{Host}';
    const answer = await ask({ token: orders.mint({ sub }) });
    t.deepEqual(received(answer, 'x-auth-request-user'), [sub.replace('%', '%25')]);
  },

  'a client cannot have another request judged than it makes': async (t, proxied) => {
    await isDenied(t, proxied, { headers: forgedOriginal('/public/x') }, 401);
    await isDenied(t, proxied, { headers: forgedOriginal('/orders/1', 'OPTIONS') }, 401);
    const token = proxied.orders.mint();
    const headers = forgedOriginal('/orders/1');
    await isDenied(t, proxied, { token, method: 'POST', headers }, 403);
    await isDenied(t, proxied, { token, headers: [['host', 'admin.example.com'], ...headers] }, 403);
    const { rule, host, path } = proxied.orders.lastDecision();
    t.deepEqual({ rule, host, path }, { rule: 'admin', host: 'admin.example.com', path: '/orders/1' });
  },

  'nor does the application hear of another one': async (t, { ask }) => {
    const answer = await ask({
      path: '/public/x',
      headers: forgedOriginal('/evil', 'DELETE', 'evil.example'),
    });
    t.is(answer.status, 200);
    t.notRegex(answer.body, EVIL);
  },

  'the host is judged without case and, as these proxies hand it over, without a port': async (
    t,
    proxied,
  ) => {
    const token = proxied.orders.mint();
    for (const host of ['ADMIN.Example.com', 'admin.example.com:666', 'Admin.example.com:443']) {
      await isDenied(t, proxied, { token, headers: [['host', host]] }, 403);
      t.is(proxied.orders.lastDecision().rule, 'admin', host);
    }
  },

  'the host that is judged is the one that the application gets, also of an absolute URL': async (
    t,
    proxied,
  ) => {
    const path = 'http://admin.example.com/orders/1';
    await isDenied(t, proxied, { token: proxied.orders.mint(), path }, 403);
    t.is(proxied.orders.lastDecision().rule, 'admin');
    const answer = await proxied.ask({ token: proxied.orders.mint({ scope: 'admin' }), path });
    t.deepEqual(received(answer, 'host'), ['admin.example.com']);
  },

  'a Host with a port or in another case is judged as the host that the proxy routes by': async (
    t,
    proxied,
  ) => {
    for (const host of ['ADMIN.Example.com', 'admin.example.com:8443', 'Admin.example.com:1']) {
      const headers = [['host', host]] as const;
      await isDenied(t, proxied, { token: proxied.orders.mint(), headers }, 403);
      t.is(proxied.orders.lastDecision().rule, 'admin', host);
    }
  },

  'an absolute URL and a Host that disagree are judged as the URL': async (t, proxied) => {
    const path = 'http://admin.example.com/public/x';
    for (const host of ['orders.example.com', 'ORDERS.example.com:80']) {
      const headers = [
        ['host', host],
        ['x-forwarded-host', host],
      ] as const;
      await isDenied(t, proxied, { token: proxied.orders.mint(), path, headers }, 403);
      t.is(proxied.orders.lastDecision().rule, 'admin', host);
    }
  },

  'two Host headers reach nobody': async (t, proxied) => {
    const headers = [
      ['host', 'orders.example.com'],
      ['host', 'admin.example.com'],
    ] as const;
    const [answer, reached] = await proxied.orders.reaching(() =>
      proxied.ask({ path: '/public/x', headers }),
    );
    t.is(answer.status, 400);
    t.is(reached, 0);
  },

  'a certificate that a client writes into a header makes no peer': async (t, proxied) => {
    const { who, mint } = proxied.orders;
    const token = mint({ cnf: { 'x5t#S256': who.client.thumbprint } });
    const { urlEncodedPem, sha256Hex } = who.client;
    const xfcc = `Hash=${sha256Hex};URI=${CLIENT};Cert="${urlEncodedPem}"`;
    const headers = [
      ['X-Client-Certificate', urlEncodedPem],
      ['X_Client_Certificate', urlEncodedPem],
      ['X-Forwarded-Client-Cert', xfcc],
    ] as const;
    await isDenied(t, proxied, { token, path: '/bound/1', headers }, 401);
    t.is(proxied.orders.lastDecision().reason, 'binding_peer_missing');
    await isDenied(t, proxied, { token: mint(), path: '/workload/1', headers }, 403);
    t.is(proxied.orders.lastDecision().reason, 'peer_missing');
  },

  'a path that readers disagree about reaches nobody': async (t, proxied) => {
    const paths = [
      '//orders/1',
      '/public//../orders/1',
      '/public/../orders/1',
      '/public/..;/orders/1',
      '/public/%2e%2e/orders/1',
      '/public/%2E%2E%2forders/1',
      '/public/..%5corders/1',
      '/public\\..\\orders\\1',
      '/public/x%3f/../../orders/1',
      '/public/x#/../../orders/1',
    ];
    for (const path of paths)
      for (const token of [undefined, proxied.orders.mint()]) {
        const ask: Ask = { path, ...(token !== undefined && { token }) };
        const [answer, reached] = await proxied.orders.reaching(() => proxied.ask(ask));
        t.is(answer.status, proxied.badRequest, path);
        t.is(reached, 0, path);
        t.is(proxied.orders.lastDecision().reason, 'path_ambiguous', path);
      }
  },

  'a body is not read for the check, and arrives whole': async (t, proxied) => {
    const body = 'x'.repeat(800_000);
    const token = proxied.orders.mint({ scope: 'orders.write' });
    const answer = await proxied.ask({ token, body });
    t.is(answer.status, 200);
    t.is(answer.json().body, body);
    const chunked = await proxied.ask({ token, body, headers: [['transfer-encoding', 'chunked']] });
    t.is(chunked.json().body, body);
    await isDenied(t, proxied, { body }, 401);
  },

  'OPTIONS, HEAD and an upgrade are judged as what they are': async (t, proxied) => {
    t.is((await proxied.ask({ method: 'OPTIONS' })).json().method, 'OPTIONS');
    await isDenied(t, proxied, { method: 'OPTIONS', path: '/bound/1' }, 401);
    await isDenied(t, proxied, { method: 'HEAD' }, 401);
    const token = proxied.orders.mint();
    t.is((await proxied.ask({ token, method: 'HEAD' })).status, 200);
    const headers = [
      ['connection', 'Upgrade'],
      ['upgrade', 'websocket'],
    ] as const;
    await isDenied(t, proxied, { headers }, 401);
    t.is((await proxied.ask({ token, headers })).status, 200);
  },

  'what a client calls hop-by-hop takes no identity away': async (t, { orders, ask }) => {
    const connection = ['close', ...managed, 'X-Forwarded-Uri', 'X-Original-URI', 'X-Client-Certificate'];
    const headers = [['connection', connection.join(', ')]] as const;
    const answer = await ask({ token: orders.mint(), headers });
    t.is(answer.status, 200);
    t.deepEqual(received(answer, 'x-auth-request-user'), ['alice']);
  },

  'a token may be as long as Peerproof takes it': async (t, { orders, ask }) => {
    const answer = await ask({ token: orders.mint({ padding: 'x'.repeat(9_000) }) });
    t.is(answer.status, 200);
  },

  'two tokens are none': async (t, proxied) => {
    const token = proxied.orders.mint();
    const headers = [['authorization', `Bearer ${proxied.orders.mint()}`]] as const;
    const [answer, reached] = await proxied.orders.reaching(() => proxied.ask({ token, headers }));
    // nginx refuses them itself.
    t.is(answer.status, 400);
    t.is(reached, 0);
  },
};
