import type { ConfigInput } from '../../../src/config/schema.ts';
import type { Input } from '../case.ts';
import type { Fixture } from '../fixture.ts';
import { type Stage, type Story, story } from '../story.ts';

/** The same question before and after another configuration took over. */
const changed = (
  reasons: Story['reasons'],
  input: (f: Fixture) => Input,
  change: (config: ConfigInput, stage: Stage) => ConfigInput,
): Story =>
  story(reasons, async (stage) => {
    const { configs, fixture, t } = stage;
    const scene = await stage.scene(configs.main);
    const question = input(fixture);
    const before = await scene.check(question);
    await scene.reload(change(configs.main, stage));
    t.deepEqual(scene.remembered(), { tokens: 0, certificates: 0 });
    return [before, await scene.check(question)];
  });

const corp = (config: ConfigInput, more: object): ConfigInput => ({
  ...config,
  issuers: { ...config.issuers, corp: { ...config.issuers?.corp, ...more } as never },
});

/** What was verified under one configuration says nothing under the next. */
export const reloads: Readonly<Record<string, Story>> = {
  'the key is gone': changed(
    ['allowed', 'token_key_unknown'],
    ({ token }) => ({ token }),
    (config, { fixture }) => corp(config, { jwks: { keys: [fixture.keys.rsa.publicJwk] } }),
  ),
  'the algorithm is not allowed any more': changed(
    ['allowed', 'token_algorithm_not_allowed'],
    ({ token }) => ({ token }),
    (config) => corp(config, { algorithms: ['RS256'] }),
  ),
  'the issuer is gone': changed(
    ['allowed', 'token_issuer_unknown'],
    ({ token }) => ({ token }),
    (config) => {
      const { corp: _, ...issuers } = config.issuers ?? {};
      return { ...config, issuers, clients: {}, rules: config.rules.filter(({ name }) => name === 'bearer') };
    },
  ),
  'the audience is another': changed(
    ['allowed', 'token_audience_mismatch'],
    ({ token }) => ({ token }),
    (config) => corp(config, { audiences: ['payments'] }),
  ),
  'the kind is another': changed(
    ['allowed', 'token_type_not_allowed'],
    ({ token }) => ({ token }),
    (config) => corp(config, { accept: 'at+jwt' }),
  ),
  'the rule asks for more': changed(
    ['allowed', 'scope_missing'],
    ({ token }) => ({ token }),
    (config) => ({
      ...config,
      rules: [{ name: 'all', require: { scopes: ['admin'], binding: ['none'] } }],
    }),
  ),
  'the trust domain is not believed any more': changed(
    ['allowed', 'peer_trust_domain_not_allowed'],
    (f) => ({ path: '/bound', sender: f.senders.shop, token: f.bound() }),
    (config) => ({
      ...config,
      peers: { trustDomains: { 'partner.example': {} } },
      clients: {},
      rules: config.rules.filter(({ name }) => name === 'bound'),
    }),
  ),
  'the client is not registered any more': changed(
    ['allowed', 'binding_missing'],
    (f) => ({ path: '/workload', sender: f.senders.shop, token: f.token }),
    // The rule about actors names a client.
    (config) => ({ ...config, clients: {}, rules: config.rules.filter(({ name }) => name !== 'actors') }),
  ),
  'the same keys under another name of the issuer': changed(
    ['allowed', 'token_issuer_unknown'],
    ({ token }) => ({ token }),
    (config) => corp(config, { issuer: 'https://login2.example.com' }),
  ),
};
