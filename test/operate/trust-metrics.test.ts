import test from 'ava';
import { Registry } from 'prom-client';
import { addTrustMetrics } from '../../src/operate/trust-metrics.ts';

const day = 86_400_000;

test('trust metrics – expiry of our certificates, and the share of their time that is left', async (t) => {
  const registry = new Registry();
  const certificates = [
    { door: 'grpc', notBefore: 0, notAfter: 4 * day },
    { door: 'http', notBefore: -day, notAfter: 0 },
  ] as const;
  addTrustMetrics(
    registry,
    () => [],
    () => certificates,
    () => day,
  );
  const text = await registry.metrics();
  t.regex(text, /^peerproof_certificate_expiry_timestamp_seconds\{door="grpc"\} 345600$/m);
  t.regex(text, /^peerproof_certificate_lifetime_remaining_ratio\{door="grpc"\} 0\.75$/m);
  t.regex(text, /^peerproof_certificate_lifetime_remaining_ratio\{door="http"\} 0$/m);
});

test('trust metrics – a bundle has the expiry of its first authority, and the time of its newest', async (t) => {
  const registry = new Registry();
  const validities = [
    { notBefore: 0, notAfter: 2 * day },
    { notBefore: 0, notAfter: 10 * day },
  ];
  const bundles = [
    { trustDomain: 'cluster.local', failure: undefined, validities },
    { trustDomain: 'partner.example', failure: 'ECONNREFUSED', validities: [] },
  ];
  addTrustMetrics(
    registry,
    () => bundles,
    () => [],
    () => day,
  );
  const text = await registry.metrics();
  t.regex(text, /^peerproof_bundle_up\{trust_domain="cluster\.local"\} 1$/m);
  t.regex(text, /^peerproof_bundle_up\{trust_domain="partner\.example"\} 0$/m);
  t.regex(text, /^peerproof_bundle_authorities\{trust_domain="cluster\.local"\} 2$/m);
  t.regex(
    text,
    /^peerproof_bundle_authority_expiry_timestamp_seconds\{trust_domain="cluster\.local"\} 172800$/m,
  );
  t.regex(text, /^peerproof_bundle_lifetime_remaining_ratio\{trust_domain="cluster\.local"\} 0\.9$/m);
  t.notRegex(text, /_seconds\{trust_domain="partner/);
});
