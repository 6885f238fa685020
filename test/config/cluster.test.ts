import test from 'ava';
import { asksIssuer, expectedIss, findCluster } from '../../src/config/cluster.ts';
import { createSigner } from '../support/jwt-signer.ts';

const mount = '/var/run/secrets/kubernetes.io/serviceaccount';
const pod = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '6443' };

for (const [title, settings, env, expected] of [
  [
    'in a pod: everything from the ServiceAccount mount',
    { kubernetes: { verify: 'both' } },
    pod,
    { apiServer: 'https://10.0.0.1:6443', ca: `${mount}/ca.crt`, tokenFile: `${mount}/token` },
  ],
  [
    'in a pod with IPv6, and no port',
    { kubernetes: { verify: 'both' } },
    { KUBERNETES_SERVICE_HOST: 'fd00::1' },
    { apiServer: 'https://[fd00::1]:443', ca: `${mount}/ca.crt`, tokenFile: `${mount}/token` },
  ],
  [
    "another cluster: its own CA, or the system's, never that of the pod",
    { kubernetes: { verify: 'both', apiServer: 'https://api.example:6443', tokenFile: '/t' } },
    pod,
    { apiServer: 'https://api.example:6443', ca: undefined, tokenFile: '/t' },
  ],
  ['outside of a pod, without an address: none', { kubernetes: { verify: 'both' } }, {}, undefined],
] as const)
  test(`cluster – ${title}`, (t) => {
    t.deepEqual(findCluster(settings, env), expected);
  });

test('cluster – keys come from the issuer only with verify jwks, an issuer and no API server', (t) => {
  const issuer = 'https://oidc.example/tenant/';
  t.true(asksIssuer({ issuer, kubernetes: { verify: 'jwks' } }));
  t.false(asksIssuer({ kubernetes: { verify: 'jwks' } }));
  t.false(asksIssuer({ issuer, kubernetes: { verify: 'both' } }));
  t.false(asksIssuer({ issuer, kubernetes: { verify: 'jwks', apiServer: 'https://a.example' } }));
});

test('cluster – its issuer is that of the token of the pod, if none is configured', (t) => {
  const kubernetes = { verify: 'both', apiServer: 'https://a.example', tokenFile: '/t' };
  const token = createSigner('ES256').sign({ iss: 'https://kubernetes.default.svc.cluster.local' });
  const files = new Map([['/t', `${token}\n`]]);
  t.is(expectedIss({ kubernetes }, files), 'https://kubernetes.default.svc.cluster.local');
  t.is(expectedIss({ kubernetes, issuer: 'https://b.example' }, files), 'https://b.example');
  t.is(expectedIss({ kubernetes }, new Map([['/t', 'rubbish']])), undefined);
  t.is(expectedIss({}, files), undefined);
});
