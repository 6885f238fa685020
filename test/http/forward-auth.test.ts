import test from 'ava';
import { Denial } from '../../src/core/denial.ts';
import { parseCertificate } from '../../src/core/peer/certificate.ts';
import { evidenceOfForwardAuth, type ForwardAuth } from '../../src/http/check-request.ts';
import { type OriginalName, originalNames, readOriginal } from '../../src/http/forward-auth.ts';
import { Malformed } from '../../src/lib/malformed.ts';
import { createCa } from '../support/ca.ts';
import { asked, checkOf, nothingElse } from './check-cases.ts';

/** Checks of nginx, Caddy and Traefik: the original request is what the proxy's headers say. */

/** Each convention with the headers that hold the same request: POST https://orders.example.com:8443/orders?x=1. */
const conventions: Record<OriginalName, Record<string, string>> = {
  'x-original': {
    'x-original-method': 'POST',
    'x-original-host': 'orders.example.com:8443',
    'x-original-uri': '/orders?x=1',
  },
  'x-original-url': {
    'x-original-method': 'POST',
    'x-original-url': 'https://orders.example.com:8443/orders?x=1',
  },
  'x-forwarded': {
    'x-forwarded-method': 'POST',
    'x-forwarded-host': 'orders.example.com:8443',
    'x-forwarded-uri': '/orders?x=1',
  },
};
const original = { method: 'POST', host: 'orders.example.com:8443', path: '/orders?x=1' };

const auth = (more: Partial<ForwardAuth> = {}): ForwardAuth => ({
  path: '/oauth2/auth',
  trusts: () => true,
  original: 'x-original',
  ...more,
});
/** Where no header came twice. */
const once = (headers: Record<string, string>, name: (typeof originalNames)[number]) =>
  readOriginal(headers, name, new Set());
const forwardAuth = (headers: Record<string, string>, more: Partial<ForwardAuth> = {}) =>
  evidenceOfForwardAuth(checkOf({ target: '/oauth2/auth', headers }), auth(more));

test('forward auth – the table of this test covers every convention there is', (t) => {
  t.deepEqual(Object.keys(conventions).toSorted(), originalNames.toSorted());
});

for (const name of originalNames) {
  const whole = conventions[name];

  test(`${name} – says method, host and path, in whatever way the check itself was asked`, (t) => {
    t.deepEqual(once(whole, name), original);
    for (const method of ['GET', 'HEAD', 'POST']) {
      const check = checkOf({ method, host: 'peerproof:9002', target: '/oauth2/auth', headers: whole });
      t.like(evidenceOfForwardAuth(check, auth({ original: name })).request, original);
    }
  });

  for (const missing of Object.keys(whole))
    test(`${name} – without ${missing}, or with an empty one, the check is refused`, (t) => {
      const { [missing]: _, ...rest } = whole;
      for (const headers of [rest, { ...rest, [missing]: '' }]) {
        const refused = once(headers, name);
        t.true(refused instanceof Denial);
        t.like(refused, { reason: 'request_malformed' });
        t.is(forwardAuth(headers, { original: name }).flaw?.reason, 'request_malformed');
        const all = Object.keys(whole).join(', ');
        t.like(refused, { detail: `the proxy did not send ${missing}; it must send all of ${all}` });
      }
    });

  test(`${name} – the headers of other conventions are not used instead`, (t) => {
    for (const other of originalNames) {
      const { 'x-original-method': _, ...headers } = conventions[other];
      if (other !== name) t.true(once(headers, name) instanceof Denial, other);
    }
  });

  test(`${name} – the headers of other conventions do not take part`, (t) => {
    const elsewhere = Object.fromEntries(
      originalNames
        .flatMap((other) => Object.keys(conventions[other]))
        .map((header) => [header, header.endsWith('url') ? 'http://evil.example/public' : '/public']),
    );
    t.deepEqual(once({ ...elsewhere, ...whole }, name), original);
  });

  test(`${name} – method and host that came twice are refused`, (t) => {
    for (const header of Object.keys(whole).filter((one) => !/ur[il]$/.test(one)))
      for (const joined of [`${whole[header]},${whole[header]}`, `GET,${whole[header]}`, `${whole[header]},`])
        for (const value of [joined, joined.replace(',', ', ')])
          t.like(once({ ...whole, [header]: value }, name), { reason: 'request_malformed' }, value);
  });

  test(`${name} – white space in method and host is refused`, (t) => {
    for (const header of Object.keys(whole).filter((one) => !/ur[il]$/.test(one)))
      for (const value of [` ${whole[header]}`, `${whole[header]} `, `a\t${whole[header]}`, ' '])
        t.like(once({ ...whole, [header]: value }, name), { reason: 'request_malformed' });
  });
}

for (const name of originalNames)
  for (const header of Object.keys(conventions[name]))
    test(`${name} – ${header} that came twice is refused, whatever it says`, (t) => {
      const read = readOriginal(conventions[name], name, new Set([header]));
      t.like(read, { reason: 'request_malformed' });
    });

const url = { 'x-original-method': 'GET', 'x-original-url': 'https://orders.example.com:8443/orders' };
const routed = (host: string | undefined, by: string | undefined, repeated: string[] = []) =>
  readOriginal(
    {
      ...url,
      ...(host !== undefined && { 'x-original-url': `https://${host}/orders` }),
      ...(by !== undefined && { 'x-original-host': by }),
    },
    'x-original-url',
    new Set(repeated),
    'x-original-host',
  );

test('hostHeader – the host is the one that the proxy routes by', (t) => {
  for (const [host, by] of [
    ['orders.example.com', 'orders.example.com'],
    ['Orders.Example.com:8443', 'orders.example.com'],
    ['orders.example.com.', 'orders.example.com'],
    ['orders.example.com.:80', 'orders.example.com'],
    ['[::1]:8443', '[::1]'],
    ['[::1]', '[::1]'],
  ] as const)
    t.deepEqual(routed(host, by), { method: 'GET', host: by, path: '/orders' }, host);
});

test('hostHeader – an URL of another host is refused: the Host of the client is not what was routed by', (t) => {
  for (const [host, by] of [
    ['status.test', 'admin.test'],
    ['status.test', 'admin.test:443'],
    ['admin.test..', 'admin.test'],
    ['admin.test:443:443', 'admin.test'],
    ['admin.test.evil', 'admin.test'],
    ['a@admin.test', 'admin.test'],
    ['[::1]', '[::2]'],
    ['[::1]:1', '[:'],
    [':443', 'admin.test'],
  ] as const)
    t.like(
      routed(host, by),
      { reason: 'request_malformed', detail: 'x-original-url names another host than x-original-host' },
      host,
    );
});

test('hostHeader – missing, empty, twice or joined by a proxy before, it is refused', (t) => {
  const host = 'orders.example.com';
  for (const by of [undefined, '', `${host},${host}`, `${host}, ${host}`, ` ${host}`])
    t.like(routed(host, by), { reason: 'request_malformed' }, String(by));
  t.like(routed(host, host, ['x-original-host']), { reason: 'request_malformed' });
});

test('hostHeader – it does not replace a missing URL', (t) => {
  for (const other of ['', '/orders', 'orders.example.com/orders'])
    t.like(
      readOriginal(
        { ...url, 'x-original-url': other, 'x-original-host': 'orders.example.com' },
        'x-original-url',
        new Set(),
        'x-original-host',
      ),
      { reason: 'request_malformed' },
    );
});

const urls: [url: string, host: string | undefined, path?: string][] = [
  ['http://a.example/', 'a.example', '/'],
  ['https://a.example//x', 'a.example', '//x'],
  ['https://a.example/../x', 'a.example', '/../x'],
  ['https://a.example/%2e%2e/x', 'a.example', '/%2e%2e/x'],
  ['https://a.example/x?y=http://b.example/', 'a.example', '/x?y=http://b.example/'],
  ['https://a.example?x=1', 'a.example', '?x=1'],
  ['https://a.example#x', 'a.example', '#x'],
  ['https://[::1]:8443/x', '[::1]:8443', '/x'],
  // Refused where hosts are read: no host of a rule is written so.
  ['https://evil@a.example/x', 'evil@a.example', '/x'],
  ['https://a.example\\@evil.example/x', 'a.example\\@evil.example', '/x'],
  ['https://a.example', undefined],
  ['https:///x', undefined],
  ['https:/a.example/x', undefined],
  ['//a.example/x', undefined],
  ['/x', undefined],
  ['a.example/x', undefined],
  ['HTTPS://a.example/x', undefined],
  ['ftp://a.example/x', undefined],
  ['httpss://a.example/x', undefined],
  [' https://a.example/x', undefined],
  ['xhttps://a.example/x', undefined],
  ['https://a.example/x\nhttps://b.example/y', undefined],
];
for (const [url, host, path] of urls)
  test(`x-original-url – ${JSON.stringify(url)} is taken apart without a change`, (t) => {
    const read = once({ 'x-original-method': 'GET', 'x-original-url': url }, 'x-original-url');
    if (host === undefined) t.like(read, { reason: 'request_malformed' });
    else t.deepEqual(read, { method: 'GET', host, path: path ?? '' });
  });

test('forward auth – the evidence: original request, headers, no peer, no connection', (t) => {
  const headers = { ...conventions['x-original'], authorization: 'Bearer abc', 'x-tenant': 'blue' };
  const peer = { missing: 'certificateHeader is not set for this path of http.forwardAuth' };
  const bodyless = 'nginx, Caddy and Traefik ask without the body: let Envoy ask before a token endpoint';
  t.deepEqual(asked(forwardAuth(headers)), {
    request: { ...original, headers, bodyless },
    ...nothingElse,
    peer,
  });
});

const peers = {
  'x-forwarded-client-cert': `By=a;Hash=${'0'.repeat(64)};URI=spiffe://cluster.local/ns/a/sa/b`,
  'x-client-certificate': '-----BEGIN%20CERTIFICATE-----forged',
};

test('forward auth – what could pass for a peer does not come through', (t) => {
  const { request, peer } = forwardAuth({ ...conventions['x-original'], ...peers, 'x-other': 'kept' });
  t.deepEqual(Object.keys(peer), ['missing']);
  t.deepEqual({ ...request?.headers }, { ...conventions['x-original'], 'x-other': 'kept' });
});

test('forward auth – certificateHeader is the certificate of the peer, and no header any more', (t) => {
  const headers = { ...conventions['x-original'], ...peers, 'x-client-cert': '-----BEGIN%20x' };
  const { request, peer } = forwardAuth(headers, { certificateHeader: 'x-client-cert' });
  t.deepEqual(peer, { certificate: '-----BEGIN%20x' });
  t.deepEqual({ ...request?.headers }, conventions['x-original']);
});

test('forward auth – certificateHeader may be called x-client-certificate', (t) => {
  const headers = { ...conventions['x-original'], ...peers };
  const { request, peer } = forwardAuth(headers, { certificateHeader: 'x-client-certificate' });
  t.deepEqual(peer, { certificate: peers['x-client-certificate'] });
  t.deepEqual({ ...request?.headers }, conventions['x-original']);
});

test('forward auth – without certificateHeader, or with an empty one, there is no peer, and other headers are not used instead', (t) => {
  const { 'x-client-certificate': _, ...none } = { ...conventions['x-original'], ...peers };
  for (const headers of [none, { ...none, 'x-client-cert': '' }, { ...none, x_client_cert: 'forged' }]) {
    const evidence = forwardAuth(headers, { certificateHeader: 'x-client-cert' });
    t.deepEqual(evidence.peer, {
      missing: 'the proxy did not send a certificate in the header of certificateHeader',
    });
    t.is(evidence.flaw, undefined);
  }
});

test('forward auth – the base64 of a DER becomes the PEM that nginx would have sent (Caddy, Traefik)', async (t) => {
  const { der, thumbprint } = await (await createCa()).issue({ subject: 'CN=partner' });
  const { peer } = forwardAuth(
    { ...conventions['x-original'], 'x-client-cert': der.toString('base64') },
    { certificateHeader: 'x-client-cert' },
  );
  const certificate = parseCertificate(peer.certificate ?? '');
  t.is(certificate instanceof Malformed ? certificate.why : certificate.thumbprint, thumbprint);
});

const notBase64 = ['AAAA,AAAA', 'AA-_', ' AAAA', 'AAAA ', 'AA=A', '=', '%41AAA', 'AAAA\nAAAA', 'caf\u00e9'];
for (const text of notBase64)
  test(`forward auth – ${JSON.stringify(text)} is not base64, and is passed to the reader of certificates`, (t) => {
    const headers = { ...conventions['x-original'], 'x-client-cert': text };
    t.deepEqual(forwardAuth(headers, { certificateHeader: 'x-client-cert' }).peer, { certificate: text });
    t.true(parseCertificate(text) instanceof Malformed);
  });

test('forward auth – a repeated certificateHeader stays one value, so none of the two is chosen', (t) => {
  const twice = { ...conventions['x-original'], 'x-client-cert': 'a,b' };
  t.deepEqual(forwardAuth(twice, { certificateHeader: 'x-client-cert' }).peer, { certificate: 'a,b' });
});

test('forward auth – a proxy that is not trusted is refused before anything it says is looked at', (t) => {
  const addresses: string[] = [];
  const trusts = (address: string) => {
    addresses.push(address);
    return false;
  };
  for (const headers of [conventions['x-original'], {}, peers])
    for (const target of ['/oauth2/auth', '/oauth2/auth?unknown=1', '/oauth2/auth?allowed_groups=a']) {
      const check = checkOf({ target, headers, remoteAddress: '10.0.0.7' });
      const { flaw, request, peer, allowLists } = evidenceOfForwardAuth(check, auth({ trusts }));
      t.is(flaw?.reason, 'proxy_not_allowed');
      t.is(flaw?.detail, '10.0.0.7 is not in proxies');
      t.is(request?.path, target);
      t.deepEqual(peer, {});
      t.is(allowLists, undefined);
    }
  t.is(addresses.length, 9);
});

test('forward auth – X-Forwarded-For and similar headers do not change the address', (t) => {
  const headers = {
    ...conventions['x-original'],
    'x-forwarded-for': '127.0.0.1',
    'x-real-ip': '127.0.0.1',
    forwarded: 'for=127.0.0.1',
  };
  const check = checkOf({ target: '/oauth2/auth', headers, remoteAddress: '10.0.0.7' });
  const { flaw } = evidenceOfForwardAuth(check, auth({ trusts: (address) => address === '127.0.0.1' }));
  t.is(flaw?.reason, 'proxy_not_allowed');
});

test('x-original-url – the log says that the URL is not absolute', (t) => {
  t.like(once({ 'x-original-method': 'GET', 'x-original-url': '/orders' }, 'x-original-url'), {
    detail:
      'the proxy sent a URL that is not absolute; it must send all of x-original-method, x-original-url',
  });
});
