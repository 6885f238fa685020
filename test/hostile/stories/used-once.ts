import type { ConfigInput } from '../../../src/config/schema.ts';
import type { Input } from '../case.ts';
import type { Fixture } from '../fixture.ts';
import { contentType, form, type } from '../makers/token-request.ts';
import { type Story, story } from '../story.ts';

/** The token request of the shop, with this assertion. */
const request = (f: Fixture, client_assertion: string, sender: 'shop' | 'till' = 'shop'): Input => ({
  ...{ method: 'POST', path: '/token', headers: contentType },
  sender: f.senders[sender],
  body: form(f, { client_assertion }),
});

/** The same, where the SPIFFE ID in the assertion says which client it is. */
const spiffeRequest = (f: Fixture, client_assertion: string): Input => ({
  ...request(f, client_assertion),
  path: '/spiffe-token',
  body: form(f, { client_assertion, client_assertion_type: type.replace('jwt-bearer', 'jwt-spiffe') }),
});

/** Both issuers promise that no two assertions have the same `jti`. */
const promising = (config: ConfigInput, more: Partial<ConfigInput> = {}): ConfigInput => {
  const { cluster, spire, ...others } = config.issuers ?? {};
  const issuers = {
    ...others,
    cluster: { ...cluster, singleUse: true },
    spire: { ...spire, singleUse: true },
  } as ConfigInput['issuers'];
  return { ...config, issuers, ...more };
};

/** Requests one after the other. */
const requests = (
  reasons: Story['reasons'],
  make: (f: Fixture) => readonly Input[],
  configure: (config: ConfigInput) => ConfigInput = promising,
): Story =>
  story(reasons, async (stage) => {
    const scene = await stage.scene(configure(stage.configs.main));
    const answers = [];
    for (const input of make(stage.fixture)) answers.push(await scene.check(input));
    return answers;
  });

const twice = (f: Fixture, assertion: string) => [request(f, assertion), request(f, assertion)];

/** Assertions of issuers with `singleUse`. */
export const usedOnce: Readonly<Record<string, Story>> = {
  'the same assertion again': requests(['allowed', 'proof_replayed'], (f) =>
    twice(f, f.account({ jti: 'a' })),
  ),
  'the same JWT-SVID again': requests(['allowed', 'proof_replayed'], (f) => twice(f, f.svid({ jti: 'a' }))),
  'the same jwt-spiffe assertion again': requests(['allowed', 'proof_replayed'], (f) => {
    const again = spiffeRequest(f, f.svid({ jti: 'a' }));
    return [again, again];
  }),
  'at the endpoint of the other type': requests(['allowed', 'proof_replayed'], (f) => [
    request(f, f.svid({ jti: 'a' })),
    spiffeRequest(f, f.svid({ jti: 'a' })),
  ]),
  'another assertion with the same jti': requests(['allowed', 'proof_replayed'], (f) => [
    request(f, f.account({ jti: 'a' })),
    request(f, f.account({ jti: 'a', exp: f.seconds + 200 })),
  ]),
  'the same jti of another issuer': requests(['allowed', 'allowed'], (f) => [
    request(f, f.account({ jti: 'a' })),
    request(f, f.svid({ jti: 'a' })),
  ]),
  'after it was stolen and refused': requests(
    ['binding_workload_mismatch', 'allowed', 'proof_replayed'],
    (f) => [request(f, f.account({ jti: 'a' }), 'till'), ...twice(f, f.account({ jti: 'a' }))],
  ),
  'no jti': requests(['token_claim_malformed'], (f) => [request(f, f.account())]),
  'a jti that is a number': requests(['token_claim_malformed'], (f) => [request(f, f.account({ jti: 7 }))]),
  'a jti that is empty': requests(['token_claim_malformed'], (f) => [request(f, f.svid({ jti: '' }))]),
  'an issuer that promises nothing': requests(
    ['allowed', 'allowed'],
    (f) => twice(f, f.account({ jti: 'a' })),
    (config) => config,
  ),
  'no memory to remember it': requests(
    ['store_unavailable'],
    (f) => [request(f, f.account({ jti: 'a' }))],
    (config) => promising(config, { limits: { usedProofMemory: 0 } }),
  ),
  'after a reload': story(['allowed', 'proof_replayed'], async (stage) => {
    const { fixture: f } = stage;
    const config = promising(stage.configs.main);
    const scene = await stage.scene(config);
    const question = request(f, f.account({ jti: 'a' }));
    const before = await scene.check(question);
    await scene.reload({ ...config, realm: 'another' });
    return [before, await scene.check(question)];
  }),
};
