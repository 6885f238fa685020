import { chartTest, render, type Values } from './chart.ts';
import { flavours } from './flavours.ts';
import { asIstio } from './values.ts';

const { config: _, ...withoutConfig } = asIstio;
const issuer = { name: 'proxies' };
const plain = flavours.plain ?? {};
const { config: __, ...withoutPlainConfig } = plain;
const on = { enabled: true };
const corp = { issuer: 'https://spire.example.com', audiences: ['as'], accept: 'jwt-svid' };

/** What is wrong, the values, and what helm says: the key comes first. */
const refusals: readonly (readonly [string, Values, RegExp])[] = [
  ['a wrong type', { ...asIstio, resources: 'few' }, /'\/resources': got string, want object/],
  ['an unknown key', { ...asIstio, replicaCount: 2 }, /'': additional properties 'replicaCount' not allowed/],
  ['an unknown key inside', { ...asIstio, image: { name: 'a' } }, /'\/image': additional properties 'name'/],
  ['an unknown flavour', { ...asIstio, flavour: 'linkerd' }, /'\/flavour': value must be one of 'istio', /],
  [
    'a digest that is none',
    { ...asIstio, image: { digest: 'latest' } },
    /'\/image\/digest': 'latest' does not match/,
  ],
  [
    'an unknown setting of Peerproof',
    { ...asIstio, config: { rulez: [] } },
    /'\/config': additional properties 'rulez' not allowed/,
  ],
  [
    'a setting of Peerproof with a wrong type',
    { ...asIstio, config: { rules: [{ name: 1 }] } },
    /'\/config\/rules\/0\/name': got number, want string/,
  ],
  ['replicas beside an autoscaler', { ...asIstio, replicas: 3, autoscaling: on }, /: replicas: remove it\./],
  ['no configuration', withoutConfig, /: config: write the configuration/],
  [
    'two configurations',
    { ...asIstio, existingConfig: { secret: 'a' } },
    /: config, existingConfig.*set one/,
  ],
  [
    'rules of teams without the right to read them',
    { ...asIstio, config: { ...(asIstio.config as object), rulesFrom: { kubernetes: {} } } },
    /: authorizationRules\.enabled: set it to true/,
  ],
  [
    'several replicas that each remember for themselves',
    {
      ...flavours.plain,
      config: {
        issuers: { spire: { ...corp, singleUse: true } },
        peers: { trustDomains: { 'cluster.local': {} } },
        rules: [{ name: 'token', require: { credential: 'client-assertion' } }],
      },
    },
    /: config\.store: name the Redis that the replicas share, or set replicas to 1/,
  ],
  [
    'other ports',
    { ...asIstio, config: { ...(asIstio.config as object), listen: { admin: '0.0.0.0:1' } } },
    /: config\.listen\.admin: remove it/,
  ],
  [
    'a trust bundle without a source',
    { ...asIstio, trustBundles: [{ trustDomain: 'a.example' }] },
    /: trustBundles\[0\]: name one of configMap, secret and clusterTrustBundle/,
  ],
  [
    'two trust bundles of one trust domain',
    {
      ...asIstio,
      trustBundles: [
        { trustDomain: 'a.example', configMap: 'a' },
        { trustDomain: 'a.example', configMap: 'b' },
      ],
    },
    /: trustBundles\[1\]\.trustDomain: a\.example is there twice/,
  ],
  [
    'a trust bundle with two sources',
    {
      ...asIstio,
      trustBundles: [{ trustDomain: 'a.example', configMap: 'a', clusterTrustBundle: { name: 'b' } }],
    },
    /: trustBundles\[0\]: name one of/,
  ],
  [
    'a ClusterTrustBundle by name and by signer',
    {
      ...asIstio,
      trustBundles: [{ trustDomain: 'a.example', clusterTrustBundle: { name: 'a', signerName: 'b/c' } }],
    },
    /: trustBundles\[0\]\.clusterTrustBundle: set name, or signerName/,
  ],
  [
    'a selector of a ClusterTrustBundle that has a name',
    {
      ...asIstio,
      trustBundles: [
        { trustDomain: 'a.example', clusterTrustBundle: { name: 'a', labelSelector: { matchLabels: {} } } },
      ],
    },
    /: trustBundles\[0\]\.clusterTrustBundle\.labelSelector: remove it/,
  ],
  [
    'a trust domain that has a bundle already',
    {
      ...asIstio,
      config: {
        ...(asIstio.config as object),
        peers: { trustDomains: { 'a.example': { bundle: '/a.pem' } } },
      },
      trustBundles: [{ trustDomain: 'a.example', configMap: 'a' }],
    },
    /: config\.peers\.trustDomains\.a\.example\.bundle: remove it/,
  ],
  ['callers that are not named', { ...asIstio, callers: {} }, /: callers: list the namespaces/],
  [
    'an open port in a mesh',
    { ...asIstio, sidecar: false, networkPolicy: { enabled: false } },
    /: networkPolicy\.e/,
  ],
  [
    'a gateway without a ServiceAccount in a mesh',
    { ...asIstio, callers: { gateways: [{ namespace: 'edge' }] } },
    /: callers\.gateways: add the serviceAccount of the gateway in edge/,
  ],
  [
    'a reader without a ServiceAccount in a mesh',
    { ...asIstio, metrics: { reader: { namespace: 'o11y' } } },
    /: metrics\.reader\.serviceAccount: add it/,
  ],
  [
    'proxies of Envoy Gateway that are not named',
    { ...flavours['envoy-gateway'], callers: { namespaces: ['applications'] } },
    /: callers\.gateways: name the namespace/,
  ],
  ['a door in a mesh', { ...asIstio, doors: ['http'] }, /: doors: remove it/],
  ['a sidecar in ambient mode', { ...asIstio, flavour: 'ambient', sidecar: true }, /: sidecar: remove it/],
  ['a sidecar without a mesh', { ...plain, sidecar: true }, /: sidecar: remove it/],
  [
    'a ServiceMonitor in a mesh',
    { ...asIstio, monitoring: { serviceMonitor: on } },
    /: monitoring\.serviceMonitor/,
  ],
  [
    'a PodMonitor in ambient mode',
    { ...asIstio, flavour: 'ambient', monitoring: { podMonitor: on } },
    /: monitoring\.podMonitor/,
  ],
  ['a certificate in a mesh', { ...asIstio, grpcTls: { issuer } }, /: grpcTls\.issuer\.name: remove it/],
  [
    'a certificate beside an existing configuration',
    { ...withoutPlainConfig, existingConfig: { secret: 'a' }, grpcTls: { issuer } },
    /: grpcTls\.issuer\.name: write the configuration in config/,
  ],
  [
    'a certificate without its door',
    { ...plain, doors: ['http'], grpcTls: { issuer } },
    /: .*add grpc to doors/,
  ],
];

for (const [name, values, message] of refusals)
  chartTest(`chart – it refuses ${name}, and says what to do`, async (t) => {
    await t.throwsAsync(render(values), { message });
  });

chartTest('chart – it accepts the addresses that it would write itself', async (t) => {
  const listen = { grpc: '0.0.0.0:9001', admin: '0.0.0.0:9003' };
  await t.notThrowsAsync(render({ ...asIstio, config: { ...(asIstio.config as object), listen } }));
});
