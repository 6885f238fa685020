import test from 'ava';
import { Denial } from '../../../src/core/denial.ts';
import { type ClaimRequirement, checkClaims } from '../../../src/core/policy/claims.ts';
import { claimPath } from '../../../src/core/token/claim-path.ts';

const claims = {
  tenant: 'blue',
  level: 3,
  zero: 0,
  active: true,
  off: false,
  empty: '',
  nothing: null,
  groups: ['dev', 'ops'],
  mixed: ['1', 2, true],
  none: [],
  nested: [['dev']],
  realm_access: { roles: ['admin', 'user'], level: { deep: 'x' } },
  list: [{ name: 'x' }],
  'https://example.com/roles': ['auditor'],
  'a/b': 'slash',
  'a~b': 'tilde',
  '~1': 'code',
  '': 'unnamed',
  'x.y': 'dotted',
};

const requirement = (claim: string, ...values: ClaimRequirement['values'][number][]): ClaimRequirement => ({
  claim,
  path: claimPath(claim),
  values,
});

for (const [claim, path] of [
  ['tenant', ['tenant']],
  ['https://example.com/roles', ['https://example.com/roles']],
  ['a/b', ['a/b']],
  ['a~1b', ['a~1b']],
  ['/tenant', ['tenant']],
  ['/realm_access/roles', ['realm_access', 'roles']],
  ['/a~1b', ['a/b']],
  ['/a~0b', ['a~b']],
  ['/~01', ['~1']],
  ['/', ['']],
  ['/a//b', ['a', '', 'b']],
] as const)
  test(`claims – "${claim}" leads to ${JSON.stringify(path)} (RFC 6901 §4)`, (t) => {
    t.deepEqual(claimPath(claim), [...path]);
  });

for (const [claim, ...values] of [
  ['tenant', 'blue'],
  ['tenant', 'red', 'blue'],
  ['/tenant', 'blue'],
  ['level', 3],
  ['zero', 0],
  ['active', true],
  ['off', false],
  ['empty', ''],
  ['groups', 'dev'],
  ['groups', 'x', 'ops'],
  ['mixed', 2],
  ['mixed', true],
  ['/realm_access/roles', 'admin'],
  ['/realm_access/level/deep', 'x'],
  ['https://example.com/roles', 'auditor'],
  ['/https:~1~1example.com~1roles', 'auditor'],
  ['a/b', 'slash'],
  ['/a~1b', 'slash'],
  ['/a~0b', 'tilde'],
  ['/~01', 'code'],
  ['/', 'unnamed'],
  ['x.y', 'dotted'],
] as const)
  test(`claims – ${claim} of ${JSON.stringify(values)} is met`, (t) => {
    t.is(checkClaims([requirement(claim, ...values)], claims), undefined);
  });

for (const [claim, told, ...values] of [
  ['tenant', 'different', 'red'],
  ['tenant', 'different', 'Blue'],
  ['tenant', 'different', 'blue '],
  ['tenant', 'different', 'b', 'blu', 'lue'],
  ['level', 'different', '3'],
  ['level', 'different', 4],
  ['zero', 'different', false],
  ['zero', 'different', ''],
  ['active', 'different', 'true'],
  ['active', 'different', 1],
  ['off', 'different', 0],
  ['empty', 'different', false],
  ['nothing', 'different', 'null'],
  ['nothing', 'different', ''],
  ['groups', 'different', 'dev,ops'],
  ['groups', 'different', 'de'],
  ['mixed', 'different', 1],
  ['mixed', 'different', '2'],
  ['none', 'different', ''],
  ['nested', 'different', 'dev'],
  ['realm_access', 'different', '[object Object]'],
  ['/realm_access/roles/0', 'missing', 'admin'],
  ['/realm_access/roles/length', 'missing', 2],
  ['/list/0/name', 'missing', 'x'],
  ['/tenant/length', 'missing', 4],
  ['/nothing/x', 'missing', 'x'],
  ['/realm_access/none/x', 'missing', 'x'],
  ['realm_access/roles', 'missing', 'admin'],
  ['realm_access.roles', 'missing', 'admin'],
  ['Tenant', 'missing', 'blue'],
  ['missing', 'missing', 'undefined'],
  ['missing', 'missing', ''],
  ['constructor', 'missing', 'x'],
  ['__proto__', 'missing', 'x'],
  ['/__proto__/constructor/name', 'missing', 'Object'],
  ['/realm_access/constructor/name', 'missing', 'Object'],
  ['toString', 'missing', 'x'],
] as const)
  test(`claims – ${claim} of ${JSON.stringify(values)} is not met (attacks 3 and 4, claims.ts)`, (t) => {
    t.deepEqual(
      checkClaims([requirement(claim, ...values)], claims),
      new Denial('claim_mismatch', `${claim} is ${told}`),
    );
  });

test('claims – all of them are needed, and the first that fails is told', (t) => {
  const blue = requirement('tenant', 'blue');
  const dev = requirement('groups', 'dev');
  const red = requirement('tenant', 'red');
  t.is(checkClaims([blue, dev], claims), undefined);
  t.deepEqual(checkClaims([blue, dev, red], claims), new Denial('claim_mismatch', 'tenant is different'));
  t.deepEqual(
    checkClaims([requirement('gone', 1), red], claims),
    new Denial('claim_mismatch', 'gone is missing'),
  );
});

test('claims – where none is required any token will do', (t) => {
  t.is(checkClaims([], claims), undefined);
  t.is(checkClaims([], {}), undefined);
});

test('claims – a claim of a token called __proto__ is a claim, and changes no other (attacks 3)', (t) => {
  const odd = JSON.parse('{"__proto__": {"tenant": "blue"}, "constructor": "x"}');
  t.deepEqual(
    checkClaims([requirement('tenant', 'blue')], odd),
    new Denial('claim_mismatch', 'tenant is missing'),
  );
  t.is(checkClaims([requirement('/__proto__/tenant', 'blue')], odd), undefined);
  t.is(checkClaims([requirement('constructor', 'x')], odd), undefined);
});
