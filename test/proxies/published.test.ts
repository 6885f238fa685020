import { readdirSync } from 'node:fs';
import test from 'ava';
import { parse, parseAllDocuments } from 'yaml';
import { parseConfig } from '../../src/config/load.ts';
import { goodConfig } from '../support/config-problems.ts';
import { forgedIdentity, managed, published } from './orders.ts';

const files = readdirSync(new URL('../../proxies/', import.meta.url));

/** The lines between two patterns, without what is around the name of a header. */
function names(text: string, line: RegExp): string[] {
  return [...text.matchAll(line)].map(([, name = '']) => name.toLowerCase()).sort();
}

const every = [...managed].sort();
const answered = every.filter((name) => name !== 'x-client-certificate');

test('published configurations – proxies/ says what for, what to change and how to check, in under 250 lines a file', (t) => {
  t.deepEqual(files.sort(), ['Caddyfile', 'envoy.yaml', 'ingress-nginx.yaml', 'nginx.conf', 'traefik.yaml']);
  for (const file of files) {
    const text = published(file);
    t.true(text.split('\n').length < 250, file);
    const header = text.slice(0, text.search(/^[^#]/m));
    for (const part of ['# For: ', '# Apply: ', '# Change: ', '# Beware: ', '# Check: '])
      t.true(header.includes(part), `${file}: ${part}`);
  }
});

test('published configurations – nginx takes every managed header from the answer, or removes it', (t) => {
  const [before = '', check = ''] = published('nginx.conf').split('location = /.peerproof');
  const taken = /auth_request_set \S+ \$upstream_http_(x_\w+);/g;
  // The ID is not for the application: the client gets it with a refusal.
  t.deepEqual(
    names(before, taken).map((name) => name.replaceAll('_', '-')),
    [...answered, 'x-decision-id'].sort(),
  );
  const sent = new Set(names(before, /proxy_set_header (\S+) /g));
  for (const name of every) t.true(sent.has(name), name);
  for (const name of ['x-client-certificate', 'x-forwarded-client-cert'])
    t.true(names(check, /proxy_set_header (\S+) /g).includes(name), name);
});

test('published configurations – Caddy removes every managed header, and takes it from the answer', (t) => {
  const [before = '', after = ''] = published('Caddyfile').split('forward_auth 127.0.0.1');
  const removed = names(before, /request_header -(X\S+)/g);
  const isRemoved = (name: string) =>
    removed.some((one) => (one.endsWith('*') ? name.startsWith(one.slice(0, -1)) : name === one));
  for (const name of every) t.true(isRemoved(name), name);
  t.deepEqual(names(after, /^\t{4}(X-\S+)$/gm), answered);
  t.deepEqual(names(after, /^\t\timport unless-answered (X-\S+)$/gm), answered);
});

test('published configurations – Traefik takes every managed header from the answer, or removes it, also where it is spelled with _', (t) => {
  const { middlewares, routers } = parse(published('traefik.yaml')).http;
  const { authResponseHeaders, authResponseHeadersRegex, trustForwardHeader } =
    middlewares.peerproof.forwardAuth;
  t.deepEqual(authResponseHeaders.map((name: string) => name.toLowerCase()).sort(), every);
  t.true(authResponseHeadersRegex.startsWith('(?i)'));
  const lookalike = new RegExp(authResponseHeadersRegex.slice('(?i)'.length), 'i');
  for (const [name] of forgedIdentity) t.regex(name, lookalike);
  for (const name of ['X-Forwarded-For', 'Authorization', 'X-Kubernetes-Nodes', 'My-X-Spiffe-Id'])
    t.notRegex(name, lookalike);
  t.is(trustForwardHeader, false);
  t.deepEqual(routers.orders.middlewares, ['peerproof-unheard', 'peerproof']);
  const { customRequestHeaders } = middlewares['peerproof-unheard'].headers;
  t.deepEqual([...new Set(Object.values(customRequestHeaders))], ['']);
});

test('published configurations – ingress-nginx says what it routes by, and takes every managed header from the answer or removes it', (t) => {
  const text = published('ingress-nginx.yaml');
  const [headers, ingress] = parseAllDocuments(text).map((document) => document.toJS());
  const { metadata } = ingress;
  const annotation = (name: string) => metadata.annotations[`nginx.ingress.kubernetes.io/${name}`];
  t.deepEqual(headers.data, { 'X-Original-Host': '$host' });
  t.is(annotation('auth-proxy-set-headers'), `${metadata.namespace}/${headers.metadata.name}`);
  t.is(headers.metadata.namespace, metadata.namespace);
  t.deepEqual(annotation('auth-response-headers').toLowerCase().split(',').sort(), every);
  t.true(text.includes('original: x-original-url, hostHeader: x-original-host}'));
});

test('published configurations – none sends the Host of the client to Peerproof', (t) => {
  const clientsHost =
    /^[^#]*\$http_host|X-(?:Original|Forwarded)-Host \{(?:hostport|http\.request\.header\.Host)\}/m;
  for (const file of files) t.notRegex(published(file), clientsHost, file);
});

test('published configurations – every header of a certificate that they name is accepted', (t) => {
  const named = files.flatMap((file) => [...published(file).matchAll(/certificateHeader: ([\w-]+)/g)]);
  t.true(named.length >= 3);
  for (const [, name] of named) {
    const entry = `{path: /a, proxies: [127.0.0.1], original: x-original, certificateHeader: ${name}}`;
    const text = goodConfig({ more: `listen: {http: "127.0.0.1:0"}\nhttp: {forwardAuth: [${entry}]}` });
    t.notThrows(() => parseConfig(text, 'test.yaml'), name);
  }
});
