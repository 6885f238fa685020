import { parse } from 'yaml';
import { chartTest, installed, only, render, type Values } from './chart.ts';
import { flavours, variants } from './flavours.ts';

chartTest('chart – store: the Secret is mounted, and the NetworkPolicy opens the ports', async (t) => {
  const rendered = installed(await render(variants['a store'] ?? {}));
  const { volumes, containers } = only(rendered, 'Deployment').spec.template.spec;
  t.deepEqual(
    volumes.find(({ name }: { name: string }) => name === 'store'),
    { name: 'store', secret: { secretName: 'redis' } },
  );
  t.deepEqual(
    containers[0].volumeMounts.find(({ name }: { name: string }) => name === 'store'),
    { name: 'store', mountPath: '/etc/peerproof-store', readOnly: true },
  );
  const { egress, ingress } = only(rendered, 'NetworkPolicy').spec;
  const opens = (rules: { ports: { port: number }[] }[], port: number) =>
    rules.some(({ ports }) => ports.some((one) => one.port === port));
  t.deepEqual(
    [26_379, 6_379, 443].map((port) => opens(egress, port)),
    [true, true, true],
  );
  t.false(opens(ingress, 26_379) || opens(ingress, 6_379));
  const text = only(rendered, 'ConfigMap').data?.['peerproof.yaml'] ?? '';
  t.is(parse(text).store.redis.passwordFile, '/etc/peerproof-store/password');
});

/** A rule whose assertions hold once. */
const config = {
  issuers: {
    spire: { issuer: 'https://spire.example.com', audiences: ['as'], accept: 'jwt-svid', singleUse: true },
  },
  peers: { trustDomains: { 'cluster.local': {} } },
  rules: [{ name: 'token', require: { credential: 'client-assertion' } }],
};
for (const [title, more] of [
  ['one replica remembers for itself', { config, replicas: 1 }],
  ['several replicas have a store', { config: { ...config, store: { redis: { address: '127.0.0.1' } } } }],
] as const satisfies readonly (readonly [string, Values])[])
  chartTest(`chart – store: ${title}`, async (t) => {
    const rendered = installed(await render({ ...flavours.plain, ...more }));
    t.truthy(only(rendered, 'Deployment'));
  });
