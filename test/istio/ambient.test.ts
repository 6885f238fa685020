import { readFileSync } from 'node:fs';
import test from 'ava';
import { parse } from 'yaml';
import { bypasses, networkAllows, throughWaypoint, ztunnelAllows } from './ambient.ts';
import { type Manifest, readManifests } from './manifests.ts';

const file = readManifests().find(({ path }) => path === 'istio/protect/waypoint.yaml');
const of = (kind: string): Manifest[] => (file?.documents ?? []).filter((one) => one.kind === kind);
const [policies, networks, [waypoint]] = [
  of('AuthorizationPolicy'),
  of('NetworkPolicy'),
  of('Gateway'),
] as const;
const [custom] = policies.filter(({ spec }) => spec.action === 'CUSTOM');
const orders = { app: 'orders' };
const recorded = parse(readFileSync(new URL('../fixtures/istio/waypoint-hcm.yaml', import.meta.url), 'utf8'));

test('ambient – the waypoint reaches the application', (t) => {
  t.true(ztunnelAllows(policies, orders, throughWaypoint));
  t.true(networkAllows(networks, orders, throughWaypoint));
});

for (const { way, isClosed, connection, withoutZtunnel } of bypasses) {
  if (!connection) continue;
  test(`ambient – ${isClosed ? 'closed' : 'known to be open'}: ${way}`, (t) => {
    const reaches = withoutZtunnel
      ? networkAllows(networks, orders, connection)
      : ztunnelAllows(policies, orders, connection) && networkAllows(networks, orders, connection);
    t.is(reaches, !isClosed);
    // ztunnel closes it alone, so a cluster whose network enforces nothing is protected too.
    if (!withoutZtunnel) t.is(ztunnelAllows(policies, orders, connection), !isClosed);
  });
}

test('ambient – closed: without the policies each of these connections would reach the application', (t) => {
  for (const { connection } of bypasses)
    if (connection) t.true(ztunnelAllows([], orders, connection) && networkAllows([], orders, connection));
});

test('ambient – closed: no CUSTOM policy of the file goes to ztunnel, and the waypoint exists', (t) => {
  t.is(custom?.spec.selector, undefined);
  t.deepEqual(
    custom?.spec.targetRefs.map(({ kind, name }: { kind: string; name: string }) => [kind, name]),
    [['Gateway', waypoint?.metadata?.name]],
  );
});

test('ambient – closed: the recorded waypoint replaces the header of the client before it asks', (t) => {
  const names = recorded.httpFilters.map(({ name }: { name: string }) => name);
  const [first] = recorded.httpFilters;
  t.true(names.indexOf('envoy.filters.http.ext_authz') > 0);
  const [{ append }] = first.typedConfig.mutations.requestMutations;
  t.is(append.header.key, 'x-forwarded-client-cert');
  t.is(append.appendAction, 'OVERWRITE_IF_EXISTS_OR_ADD');
  // What it writes is a name, and neither the certificate nor its hash.
  t.deepEqual(
    append.header.value.split(';').map((pair: string) => pair.split('=')[0]),
    ['By', 'URI'],
  );
  const annotations = { 'ambient.istio.io/xfcc-include-client-identity': 'true' };
  t.like(waypoint?.metadata, { annotations });
});

test('ambient – known to be open: the recorded waypoint takes every Host', (t) => {
  t.deepEqual(recorded.routeConfig.virtualHosts[0].domains, ['*']);
});

test('ambient – the file tells which labels the namespace and the Service need', (t) => {
  for (const label of [
    'istio.io/dataplane-mode=ambient',
    'istio.io/use-waypoint=waypoint',
    'istio.io/ingress-use-waypoint=true',
  ])
    t.true(file?.text.includes(label), label);
});
