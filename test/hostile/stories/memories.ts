import type { ConfigInput } from '../../../src/config/schema.ts';
import type { Answer } from '../../support/check-world.ts';
import type { Input } from '../case.ts';
import type { Fixture } from '../fixture.ts';
import { forwardedChain } from '../makers/certificates.ts';
import { type Scene, type Story, story } from '../story.ts';
import { cluster } from './cluster.ts';

/** Each input in turn, in the main configuration. */
const inTurn = (
  reasons: Story['reasons'],
  inputs: (f: Fixture) => readonly Input[],
  before?: (scene: Scene, index: number) => void,
): Story =>
  story(reasons, async (stage) => {
    const scene = await stage.scene(stage.configs.main);
    const answers: Answer[] = [];
    for (const [index, input] of inputs(stage.fixture).entries()) {
      before?.(scene, index);
      answers.push(await scene.check(input));
    }
    return answers;
  });

/** Those issuers alone: the others would have to be waited for. */
function only({ issuers = {}, rules, ...config }: ConfigInput, ...names: readonly string[]): ConfigInput {
  return {
    ...config,
    issuers: Object.fromEntries(Object.entries(issuers).filter(([name]) => names.includes(name))),
    rules: rules.filter(({ name }) => names.includes(name)),
  };
}

const mismatch = 'binding_certificate_mismatch';

/** A good answer is remembered; the next question differs in one thing that it depended on. */
export const keyedByEverything: Readonly<Record<string, Story>> = {
  'the same token by another sender': inTurn(['allowed', mismatch, 'allowed'], (f) => {
    const token = f.bound();
    return [f.senders.shop, f.senders.till, f.senders.shop].map((sender) => ({
      path: '/bound',
      token,
      sender,
    }));
  }),
  'the same token without a sender': inTurn(['allowed', 'binding_peer_missing'], (f) => {
    const token = f.bound();
    return [
      { path: '/bound', token, sender: f.senders.shop },
      { path: '/bound', token },
    ];
  }),
  'the same token at a rule that asks for more': inTurn(['allowed', 'scope_missing'], ({ token }) => [
    { path: '/bearer', token },
    { path: '/admin', token },
  ]),
  'the same token at a rule that takes it from nobody': inTurn(
    ['allowed', 'binding_peer_missing'],
    ({ token }) => [
      { path: '/bearer', token },
      { path: '/workload', token },
    ],
  ),
  'the same token as a client assertion': inTurn(
    ['allowed', 'token_type_not_allowed'],
    ({ token, senders }) => [
      { path: '/bearer', token },
      {
        method: 'POST',
        path: '/token',
        sender: senders.shop,
        headers: [['content-type', 'application/x-www-form-urlencoded']],
        body: `client_id=shop&client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer&client_assertion=${token}`,
      },
    ],
  ),
  'the same claims under another signature': inTurn(['allowed', 'token_signature_invalid'], ({ token }) => {
    const at = token.length - 20;
    const other = token[at] === 'A' ? 'B' : 'A';
    return [{ token }, { token: `${token.slice(0, at)}${other}${token.slice(at + 1)}` }];
  }),
  'the same signature under other claims': inTurn(
    ['allowed', 'token_signature_invalid'],
    ({ token, claims }) => {
      const [head, , signature] = token.split('.');
      const body = Buffer.from(JSON.stringify(claims({ sub: 'root' }))).toString('base64url');
      return [{ token }, { token: `${head}.${body}.${signature}` }];
    },
  ),
  'the same token of another length': inTurn(['allowed', 'token_malformed'], ({ token }) => [
    { token },
    { token: `${token}.` },
  ]),
  'the same certificate when it is over': inTurn(
    ['allowed', 'peer_certificate_expired'],
    (f) => {
      const input = { path: '/bound', sender: f.senders.shop, token: f.bound({ exp: f.seconds + 7_200 }) };
      return [input, input];
    },
    (scene, index) => {
      scene.clock.now += index * 3_600_000;
    },
  ),
  'the same opaque token at two authorization servers': story(
    ['allowed', 'token_inactive', 'allowed'],
    async ({ scene, configs }) => {
      const { check } = await scene(only(configs.asked, 'ask-yes', 'ask-inactive'));
      const ask = (path: string) => check({ path, token: 'mF_9.B5f-4.1JqM' });
      return [await ask('/ask-yes/x'), await ask('/ask-inactive/x'), await ask('/ask-yes/x')];
    },
    { source: 'GHSA-4mq7-pvjg-xp2r' },
  ),
  'the same opaque token, first where it is none': story(
    ['token_inactive', 'allowed'],
    async ({ scene, configs }) => {
      const { check } = await scene(only(configs.asked, 'ask-yes', 'ask-inactive'));
      const ask = (path: string) => check({ path, token: 'mF_9.B5f-4.1JqM' });
      return [await ask('/ask-inactive/x'), await ask('/ask-yes/x')];
    },
    { source: 'GHSA-4mq7-pvjg-xp2r' },
  ),
  'the same certificate without the intermediate that it came with': story(
    ['peer_chain_untrusted', 'allowed', 'peer_chain_untrusted'],
    async ({ scene, configs, fixture }) => {
      const { check } = await scene(configs.chained);
      const ask = (chain: boolean) =>
        check({ path: '/workload', token: fixture.token, says: forwardedChain(fixture, chain) });
      return [await ask(false), await ask(true), await ask(false)];
    },
  ),
  'the same path in another host': inTurn(['public', 'no_rule'], () => [
    { host: 'a.public.test', path: '/any' },
    { host: 'b.private.test', path: '/any' },
  ]),
  'the same path with another method': inTurn(['public', 'no_rule'], () => [
    { path: '/public/x' },
    { method: 'DELETE', path: '/public/x' },
  ]),
};

/** Time goes on, or back. */
export const outlivesNothing: Readonly<Record<string, Story>> = {
  'exp passes': inTurn(
    ['allowed', 'allowed', 'token_expired'],
    (f) => {
      const token = f.sign({ exp: f.seconds + 10 });
      return [{ token }, { token }, { token }];
    },
    (scene, index) => {
      scene.clock.now += [0, 39_999, 1][index] ?? 0;
    },
  ),
  'the clock is put back before nbf': inTurn(
    ['allowed', 'token_not_yet_valid', 'allowed'],
    (f) => {
      const token = f.sign({ nbf: f.seconds });
      return [{ token }, { token }, { token }];
    },
    (scene, index) => {
      scene.clock.now += [0, -31_000, 31_000][index] ?? 0;
    },
  ),
  'a yes of introspection ends with exp': story(['allowed', 'token_expired'], async (stage) => {
    const scene = await stage.scene(only(stage.configs.asked, 'ask-yes'));
    const input = { path: '/ask-yes/x', token: 'opaque-token' };
    const first = await scene.check(input);
    scene.clock.now += 91_000;
    return [first, await scene.check(input)];
  }),
  'a yes of TokenReview ends when it is revoked': story(
    ['allowed', 'allowed', 'token_review_refused'],
    async (stage) => {
      const { scene, server, token } = await cluster(stage);
      const input = { path: '/x', token };
      const first = await scene.check(input);
      server.revoke(token);
      scene.clock.now += 9_000;
      const second = await scene.check(input);
      scene.clock.now += 2_000;
      return [first, second, await scene.check(input)];
    },
  ),
};
