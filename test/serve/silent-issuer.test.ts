import test from 'ava';
import { DependencyError } from '../../src/core/denial.ts';
import type { Issuer } from '../../src/core/token/issuers.ts';
import { silentIssuer } from '../../src/serve/silent-issuer.ts';
import { Bulkheads } from '../../src/sources/bulkhead.ts';
import { CachedAuthority } from '../../src/sources/cached-authority.ts';

const moment = { now: 1_000, deadline: 5_000 };
const issuer = { name: 'corp' } as Issuer;

test('silent issuer – uses the keys that are known, and fetches none', async (t) => {
  const set = { keys: [], fetchedAt: 7 };
  const keys = { current: () => set, refreshFor: () => t.fail() as never };
  const silent = silentIssuer({ ...issuer, keys });
  t.is(silent.keys?.current(0), set);
  await t.throwsAsync(async () => silent.keys?.refreshFor('a', moment), { instanceOf: DependencyError });
  t.is(silent.authority, undefined);
});

test('silent issuer – uses an answer that is remembered, and asks nobody', async (t) => {
  let asked = 0;
  const authority = new CachedAuthority({
    ask: async () => {
      asked++;
      return { claims: { sub: 'alice' }, audiences: undefined, username: undefined, cached: false };
    },
    authority: 'corp',
    unavailable: 'introspection_unavailable',
    clock: () => 1_000,
    bulkhead: new Bulkheads(() => 10).of('corp'),
    timeout: 5_000,
  });
  const silent = silentIssuer({ ...issuer, authority }).authority;
  await t.throwsAsync(async () => silent?.ask('token', 'digest', moment), { instanceOf: DependencyError });
  t.is(asked, 0);
  await authority.ask('token', 'digest', moment);
  t.like(await silent?.ask('token', 'digest', moment), { claims: { sub: 'alice' }, cached: true });
  t.is(asked, 1);
});
