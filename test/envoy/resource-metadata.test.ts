import test, { type ExecutionContext } from 'ava';
import * as oauth from 'oauth4webapi';
import { type Answer, type RequestParts, request } from '../support/client.ts';
import { envoyTest, hasEnvoy } from '../support/envoy-test.ts';
import { type Mesh, startMesh } from '../support/mesh.ts';
import { HTTP_DOOR, sidecarListener, type Transport } from '../support/transports.ts';

/** The documents about protected resources (RFC 9728), read through Envoy by a client library that knows nothing of Peerproof. */

const RESOURCE = new URL('https://mcp.test/tools');
const DOCUMENT = '/.well-known/oauth-protected-resource/tools';
const transports = ['grpc-hash', 'http1', 'http2'] as const satisfies readonly Transport[];

let mesh: Mesh;

test.before(async () => {
  if (!hasEnvoy) return;
  mesh = await startMesh({
    config: () => ({
      listen: { metadata: '127.0.0.1:0' },
      http: HTTP_DOOR,
      rules: [
        {
          name: 'tools',
          match: { hosts: ['mcp.test'], paths: ['/tools/**'] },
          require: { scopes: ['tools.use'], binding: ['certificate', 'none'] },
        },
        { name: 'rest', match: { hosts: ['mcp.test', 'other.test'] }, require: { binding: ['none'] } },
      ],
      resourceMetadata: [
        { resource: RESOURCE.href, document: { resource_name: 'Tools' } },
        { resource: 'https://other.test', document: { scopes_supported: [] } },
      ],
    }),
    listeners: (parts) =>
      transports.map((transport) => {
        // An Envoy that normalises paths shows others than were sent.
        const listener = { ...sidecarListener(transport, parts), normalizePath: false };
        const wellKnown = {
          prefix: '/.well-known/oauth-protected-resource',
          upstream: { port: parts.metadataPort, protocol: 'http1' as const },
          extAuthzDisabled: true,
        };
        return transport === 'grpc-hash'
          ? listener
          : { ...listener, routes: [wellKnown, ...(listener.routes ?? [])] };
      }),
  });
});

test.after.always(async () => {
  await mesh?.stop();
});

const send = (listener: Transport, parts: RequestParts): Promise<Answer> =>
  request(mesh.target(listener), { headers: [['host', 'mcp.test']], ...parts });

/** What a client library uses in place of `fetch`: every connection ends at this listener. */
function fetchThrough(listener: Transport) {
  return async (url: string, { method, headers }: { method: string; headers: Record<string, string> }) => {
    const { host, pathname, search } = new URL(url);
    const lines = [['host', host] as const, ...Object.entries(headers)];
    const {
      status,
      headers: received,
      body,
    } = await send(listener, {
      ...{ method, path: pathname + search, headers: lines },
    });
    return new Response(body, { status, headers: received });
  };
}

const didNotReach = (t: ExecutionContext, { body }: Answer) =>
  t.false(body.includes('"rawHeaders"') || body.includes('"method"'), body);

for (const listener of transports) {
  const through = { [oauth.customFetch]: fetchThrough(listener) } as oauth.HttpRequestOptions<'GET'>;

  envoyTest(`resource metadata – oauth4webapi reads the document (${listener})`, async (t) => {
    const response = await oauth.resourceDiscoveryRequest(RESOURCE, through);
    const found = await oauth.processResourceDiscoveryResponse(RESOURCE, response);
    t.deepEqual(found, {
      resource: RESOURCE.href,
      authorization_servers: [mesh.issuer.issuer],
      scopes_supported: ['tools.use'],
      bearer_methods_supported: ['header'],
      tls_client_certificate_bound_access_tokens: true,
      resource_name: 'Tools',
    });
  });

  envoyTest(`resource metadata – oauth4webapi finds it by the challenge (${listener})`, async (t) => {
    const token = mesh.mint({ aud: 'another' });
    const refused = await t.throwsAsync(
      oauth.protectedResourceRequest(token, 'GET', new URL(`${RESOURCE}/list`), undefined, undefined, {
        [oauth.customFetch]: fetchThrough(listener),
      } as oauth.ProtectedResourceRequestOptions),
      { instanceOf: oauth.WWWAuthenticateChallengeError },
    );
    const [challenge] = refused?.cause ?? [];
    t.is(challenge?.parameters.error, 'invalid_token');
    const url = challenge?.parameters.resource_metadata ?? '';
    t.is(url, `${RESOURCE.origin}${DOCUMENT}`);
    const response = await fetchThrough(listener)(url, { method: 'GET', headers: {} });
    const found = await oauth.processResourceDiscoveryResponse(RESOURCE, response);
    t.is(found.resource, RESOURCE.href);
  });

  envoyTest(`resource metadata – any page may read it, and caches may keep it (${listener})`, async (t) => {
    for (const method of ['GET', 'HEAD']) {
      const answer = await send(listener, { method, path: DOCUMENT });
      t.is(answer.status, 200);
      t.is(answer.header('content-type'), 'application/json');
      t.is(answer.header('cache-control'), 'public, max-age=300');
      t.is(answer.header('access-control-allow-origin'), '*');
      t.is(answer.body === '', method === 'HEAD');
      didNotReach(t, answer);
    }
  });

  envoyTest(`resource metadata – a resource without a path has its own document (${listener})`, async (t) => {
    const path = '/.well-known/oauth-protected-resource';
    const answer = await send(listener, { path, headers: [['host', 'other.test']] });
    t.is(answer.json().resource, 'https://other.test');
    t.deepEqual(Object.keys(answer.json()), [
      'resource',
      'authorization_servers',
      'bearer_methods_supported',
    ]);
    t.not((await send(listener, { path })).status, 200, 'the host of another resource');
  });
}

envoyTest('resource metadata – over gRPC the log and the metrics name it', async (t) => {
  const before = mesh.peerproof.decisions().length;
  await send('grpc-hash', { path: DOCUMENT });
  const [line] = mesh.peerproof.decisions().slice(before);
  t.like(line, {
    effect: 'answer',
    reason: 'metadata_served',
    door: 'grpc',
    host: 'mcp.test',
    path: DOCUMENT,
  });
  t.is(line.rule, undefined);
  const labels = { effect: 'answer', reason: 'metadata_served', rule: '', door: 'grpc' };
  t.true((await mesh.peerproof.metric('peerproof_decisions_total', labels)) > 0);
});

/** Requests that name no document. `no`: the rules refuse them, as without this feature. */
const others: Record<string, RequestParts> = {
  POST: { method: 'POST' },
  OPTIONS: { method: 'OPTIONS' },
  'a query': { path: `${DOCUMENT}?a` },
  'a slash at the end': { path: `${DOCUMENT}/` },
  'a path below it': { path: `${DOCUMENT}/x` },
  'another resource': { path: '/.well-known/oauth-protected-resource/Tools' },
  'the resource of another host': { path: '/.well-known/oauth-protected-resource' },
  'an escape': { path: '/.well-known/oauth-protected-resource/t%6fols' },
  'a second slash': { path: `/${DOCUMENT}` },
  'a second slash before the resource': { path: '/.well-known/oauth-protected-resource//tools' },
  'a dot segment': { path: '/.well-known/oauth-protected-resource/x/../tools' },
  'an escaped dot segment': { path: '/.well-known/oauth-protected-resource/%2e/tools' },
  'a parameter': { path: `${DOCUMENT};a=b` },
  'a parameter that another server cuts off': { path: '/.well-known/oauth-protected-resource;/tools' },
  'another host': { headers: [['host', 'evil.test']] },
  'a host in another header': {
    headers: [
      ['host', 'evil.test'],
      ['x-forwarded-host', 'mcp.test'],
    ],
  },
};
for (const listener of transports)
  for (const [what, parts] of Object.entries(others))
    envoyTest(`resource metadata – ${what} gets no document (${listener})`, async (t) => {
      const answer = await send(listener, { path: DOCUMENT, ...parts });
      t.true([400, 401, 403, 404].includes(answer.status), `${answer.status}`);
      t.false(answer.body.includes('authorization_servers'));
      didNotReach(t, answer);
    });
