import test from 'ava';
import type { ConfigInput } from '../../../src/config/schema.ts';
import { type BindingName, bindingNames } from '../../../src/core/binding/bind.ts';
import type { Decision } from '../../../src/core/decision.ts';
import { createCheckWorld, type Presented } from '../../support/check-world.ts';
import { createDpopClient } from '../../support/dpop-client.ts';
import { createSigner } from '../../support/jwt-signer.ts';
import { goodClaims, inlineIssuer } from '../../support/token-fixture.ts';
import {
  confirmationOf,
  createWorkloadKeys,
  digestOf,
  signWit,
  signWpt,
  witClaims,
  witConfig,
} from '../../support/wit-fixture.ts';
import { createWorkloads, SHOP, TILL, TRUST_DOMAIN } from '../../support/workload-fixture.ts';

/**
 * Tokens that are bound in every way, sent in every way, with each proof good, missing, foreign or used, to rules
 * that enforce or observe each set of proofs. What may come of it is said here in another way than in `bind`.
 */

const keys = createWorkloadKeys();
const corp = createSigner('ES256');
const workloads = await createWorkloads();
const client = await createDpopClient();
const thief = await createDpopClient();

const sets: readonly (readonly BindingName[])[] = [
  ['dpop', 'certificate', 'workload', 'wit', 'none'],
  ['none', 'wit', 'workload', 'certificate', 'dpop'],
  ...bindingNames.map((name) => [name]),
];
const modes = {
  enforced: {},
  observed: { mode: 'observe' },
  'observed binding': { require: { observe: ['binding'] } },
} satisfies Record<string, { mode?: 'observe'; require?: object }>;
type Mode = keyof typeof modes;
const rulesOf = () =>
  sets.flatMap((binding, set) =>
    Object.entries<{ mode?: string; require?: object }>(modes).flatMap(([mode, { require, ...more }]) =>
      [false, true].map((isOptional) => ({
        name: `${set} ${mode}${isOptional ? ' optional' : ''}`.replaceAll(' ', '-'),
        match: { paths: [pathOf(set, mode, isOptional)] },
        require: {
          issuers: ['corp'],
          binding: [...binding],
          ...(isOptional && { token: 'optional' }),
          ...require,
        },
        ...more,
      })),
    ),
  );

function pathOf(set: number, mode: string, isOptional: boolean): string {
  return `/${set}/${mode.replace(' ', '-')}${isOptional ? '/optional' : ''}`;
}

const base = witConfig(keys.issuer);
const world = await createCheckWorld({
  ...base,
  issuers: { ...base.issuers, corp: inlineIssuer([corp]) },
  peers: { trustDomains: { [TRUST_DOMAIN]: {} } },
  clients: { shop: [SHOP], till: [TILL] },
  wit: { ...base.wit, drafts: ['wpt-01'] },
  rules: rulesOf() as unknown as NonNullable<ConfigInput['rules']>,
});

const tokens = {
  plain: {},
  client: { client_id: 'shop' },
  subject: { sub: SHOP },
  actor: { client_id: 'till', act: { sub: SHOP } },
  certificate: { client_id: 'shop', cnf: { 'x5t#S256': workloads.shop.thumbprint } },
  key: { client_id: 'shop', cnf: { jkt: client.thumbprint } },
  'a key in the token': { client_id: 'shop', cnf: confirmationOf(keys.shop) },
  'two confirmations': { cnf: { 'x5t#S256': workloads.shop.thumbprint, jkt: client.thumbprint } },
  'no confirmation': { client_id: 'shop', cnf: {} },
};
type Token = keyof typeof tokens;
const schemes = ['Bearer', 'bEARER', 'DPoP', 'dpop'] as const;
const peers = ['nobody', 'shop', 'till'] as const;
const proofs = ['missing', 'good', 'foreign'] as const;

interface Sent {
  readonly set: number;
  readonly mode: Mode;
  readonly isOptional: boolean;
  readonly token: Token;
  readonly scheme: (typeof schemes)[number];
  readonly peer: (typeof peers)[number];
  readonly dpop: (typeof proofs)[number];
  readonly wit: (typeof proofs)[number];
}

const all: Sent[] = product({
  set: sets.map((_, index) => index),
  mode: Object.keys(modes) as Mode[],
  isOptional: [false, true],
  token: Object.keys(tokens) as Token[],
  scheme: [...schemes],
  peer: [...peers],
  dpop: [...proofs],
  wit: [...proofs],
});

/** Every so-many-th, a number that has no factor in common with any of the lists. */
const chosen = all.filter((_, index) => index % 97 === 0);

function product<T extends object>(lists: { [K in keyof T]: readonly T[K][] }): T[] {
  return Object.entries(lists).reduce<T[]>(
    (some, [name, values]) =>
      some.flatMap((one) => (values as unknown[]).map((value) => ({ ...one, [name]: value }) as T)),
    [{} as T],
  );
}

function presented(sent: Sent): Presented {
  const { set, mode, isOptional, scheme, peer } = sent;
  const path = pathOf(set, mode, isOptional);
  const url = `https://orders.example.com${path}`;
  const token = corp.sign(goodClaims({ client_id: undefined, ...tokens[sent.token] }));
  const wit = signWit(
    keys.issuer,
    witClaims(sent.wit === 'foreign' ? keys.till : keys.shop, sent.wit === 'foreign' ? { sub: TILL } : {}),
  );
  const wpt = signWpt(sent.wit === 'foreign' ? keys.till : keys.shop, wit, {
    aud: url,
    ath: digestOf(token),
  });
  return {
    path,
    authorization: `${scheme} ${token}`,
    ...(peer !== 'nobody' && { certificate: workloads[peer] }),
    headers: {
      ...(sent.dpop !== 'missing' && {
        dpop: (sent.dpop === 'good' ? client : thief).proof({ token, url }),
      }),
      ...(sent.wit !== 'missing' && { 'workload-identity-token': wit, 'workload-proof-token': wpt }),
    },
  };
}

const owned: readonly Token[] = ['client', 'subject', 'actor', 'certificate'];

/** Whether the token has been proven to be the sender's by this proof. */
const holds: Record<BindingName, (sent: Sent) => boolean> = {
  none: ({ token }) => ['plain', 'client', 'subject', 'actor'].includes(token),
  certificate: ({ token, peer }) => token === 'certificate' && peer === 'shop',
  workload: ({ token, peer }) => owned.includes(token) && peer === 'shop',
  dpop: ({ token, scheme, dpop }) => token === 'key' && /dpop/i.test(scheme) && dpop === 'good',
  wit: ({ token, wit }) => owned.includes(token) && token !== 'certificate' && wit === 'good',
};

/** The proof that a request passes by the first time, and whether it passes by it again. */
function expected(sent: Sent): { by: BindingName | undefined; again: boolean } {
  const isKept = /bearer/i.test(sent.scheme) || sent.token === 'key';
  const by = isKept ? sets[sent.set]?.find((name) => holds[name](sent)) : undefined;
  return { by, again: by !== undefined && by !== 'dpop' && by !== 'wit' };
}

/** Whether the application learns anything that the token says. */
function isLearned(decision: Decision): boolean {
  const { found } = decision;
  const names = decision.effect === 'allow' ? decision.identity.set.map(([name]) => name) : [];
  const passedOn = decision.effect === 'allow' && decision.reason === 'observed' && decision.proven?.token;
  return Boolean(found.sender ?? passedOn) || names.some((name) => name.includes('user'));
}

test(`every proof – ${chosen.length} combinations pass by the proof that holds, and by none a second time`, async (t) => {
  const wrong: string[] = [];
  const seen = new Set<BindingName>();
  for (const sent of chosen) {
    const { by, again } = expected(sent);
    const request = presented(sent);
    for (const round of ['first', 'second']) {
      const { decision } = await world.check(request);
      const proven = round === 'first' || again ? by : undefined;
      if (proven) seen.add(proven);
      const { effect, reason, found } = decision;
      const passes = proven !== undefined || sent.mode !== 'enforced';
      if ((effect === 'allow') !== passes || found.boundBy !== proven)
        wrong.push(
          `${round} ${JSON.stringify(sent)}: ${effect} ${reason} by ${found.boundBy}, not ${proven}`,
        );
      if (proven === undefined && isLearned(decision))
        wrong.push(`${round} ${JSON.stringify(sent)}: the application learns of a token that is not proven`);
    }
  }
  t.deepEqual(wrong.slice(0, 10), []);
  t.deepEqual([...seen].sort(), [...bindingNames].sort());
});
