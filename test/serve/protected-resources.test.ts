import test from 'ava';
import { parseConfig } from '../../src/config/load.ts';
import type { ConfigInput } from '../../src/config/schema.ts';
import type { Policy } from '../../src/core/judgement.ts';
import { noneUsed } from '../../src/core/used/used-proofs.ts';
import { atOnce } from '../../src/lib/in-turns.ts';
import { withTeams } from '../../src/serve/create-policy.ts';
import { createGeneration } from '../../src/serve/generation.ts';
import { Bulkheads } from '../../src/sources/bulkhead.ts';
import { createCheckWorld } from '../support/check-world.ts';
import { createSigner } from '../support/jwt-signer.ts';

const signer = createSigner('ES256');

const context = {
  ...{ clock: Date.now, bulkheads: new Bulkheads(() => 1), usedProofs: noneUsed, report: () => {} },
};

type Resource = NonNullable<ConfigInput['resourceMetadata']>[number];
type Rules = ConfigInput['rules'];

const issuer = (name: string, more: object = {}) => ({
  ...{ issuer: `https://${name}.example.com`, audiences: ['a'], jwks: { keys: [signer.publicJwk] } },
  ...more,
});
const issuers = {
  corp: issuer('corp'),
  partner: issuer('partner'),
  spire: issuer('spire', { accept: 'jwt-svid', trustDomain: 'example.com' }),
  cluster: issuer('cluster', { accept: 'service-account' }),
} as ConfigInput['issuers'];

/** The document of a resource with these rules. */
async function documentOf(rules: Rules, more: Partial<Resource> = {}) {
  const resource = 'https://mcp.example.com/tools';
  const { policy, stop } = await createCheckWorld({
    issuers,
    rules,
    resourceMetadata: [{ resource, ...more }],
  });
  stop();
  return JSON.parse(policy.resources?.list[0]?.answer.body ?? '');
}

const servers = async (rules: Rules) => (await documentOf(rules)).authorization_servers;
const corp = 'https://corp.example.com';
const partner = 'https://partner.example.com';

test('resource document – a rule without issuers: every authorization server, and not SPIRE or the cluster', async (t) => {
  t.deepEqual(await servers([{ name: 'a' }]), [corp, partner]);
});

test('resource document – only the rules that can match its requests count', async (t) => {
  const require = { issuers: ['corp'], scopes: ['a', 'b'] };
  const elsewhere = { issuers: ['partner'], scopes: ['c'] };
  const document = await documentOf([
    { name: 'host', match: { hosts: ['*.example.com'], paths: ['/tools/list'] }, require },
    { name: 'again', match: { paths: ['/**'] }, require: { ...require, scopes: ['b', 'd'] } },
    { name: 'other-host', match: { hosts: ['other.example.com'] }, require: elsewhere },
    { name: 'other-path', match: { paths: ['/other/**'] }, require: elsewhere },
    { name: 'other-port', match: { hosts: ['mcp.example.com:8443'] }, require: elsewhere },
    { name: 'public', match: { paths: ['/tools/**'] }, public: true },
    { name: 'token', match: { paths: ['/tools/token'] }, require: { credential: 'client-assertion' } },
  ]);
  t.deepEqual(document, {
    resource: 'https://mcp.example.com/tools',
    authorization_servers: [corp],
    scopes_supported: ['a', 'b', 'd'],
    bearer_methods_supported: ['header'],
    tls_client_certificate_bound_access_tokens: true,
  });
});

test('resource document – rules that accept no certificate do not promise it (RFC 8705 §3.4)', async (t) => {
  const document = await documentOf([{ name: 'a', require: { binding: ['none'] } }]);
  t.false('tls_client_certificate_bound_access_tokens' in document);
});

test('resource document – each member can be replaced, and an empty list leaves it out (RFC 9728 §3.2)', async (t) => {
  const document = await documentOf([{ name: 'a', require: { scopes: ['secret'] } }], {
    document: {
      ...{ authorization_servers: ['https://login.example.com'], scopes_supported: [] },
      ...{ tls_client_certificate_bound_access_tokens: false, resource_name: 'Tools' },
    },
  });
  t.deepEqual(document, {
    resource: 'https://mcp.example.com/tools',
    authorization_servers: ['https://login.example.com'],
    bearer_methods_supported: ['header'],
    tls_client_certificate_bound_access_tokens: false,
    resource_name: 'Tools',
  });
});

test('resource document – no rule: nothing is promised but the header', async (t) => {
  t.deepEqual(await documentOf([{ name: 'a', match: { paths: ['/other'] } }]), {
    resource: 'https://mcp.example.com/tools',
    bearer_methods_supported: ['header'],
  });
});

test('resource document – what a team writes changes it', (t) => {
  const text = (scope: string) =>
    JSON.stringify({
      issuers,
      ...{ rules: [], resourceMetadata: [{ resource: 'https://mcp.example.com/tools' }] },
      lastRules: [{ name: 'a', require: { scopes: [scope] } }],
    });
  const load = (scope: string) => parseConfig(text(scope), 'test.yaml');
  const { policy } = createGeneration(load('before'), context);
  const { config } = load('after');
  const changed = atOnce(withTeams(policy, config, new WeakMap()));
  const scopesOf = ({ resources }: Policy) =>
    JSON.parse(resources?.list[0]?.answer.body ?? '').scopes_supported;
  t.deepEqual([scopesOf(policy), scopesOf(changed)], [['before'], ['after']]);
});

test('resource document – many scopes do not make it endless', async (t) => {
  const rules = Array.from({ length: 1_000 }, (_, n) => ({
    name: `r${n}`,
    match: { paths: ['/tools/**'] },
    require: { scopes: [`scope-${n}`, 'x'.repeat(n)] },
  }));
  const document = await documentOf(rules.slice(1));
  t.is(document.scopes_supported.length, 200);
  t.true(JSON.stringify(document).length < 200 * 132);
});
