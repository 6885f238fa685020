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
  ['tenant', '"blue"', 'red'],
  ['tenant', '"blue"', 'Blue'],
  ['tenant', '"blue"', 'blue '],
  ['tenant', '"blue"', 'b', 'blu', 'lue'],
  ['level', '3', '3'],
  ['level', '3', 4],
  ['zero', '0', false],
  ['zero', '0', ''],
  ['active', 'true', 'true'],
  ['active', 'true', 1],
  ['off', 'false', 0],
  ['empty', '""', false],
  ['nothing', 'null', 'null'],
  ['nothing', 'null', ''],
  ['groups', '["dev", "ops"]', 'dev,ops'],
  ['groups', '["dev", "ops"]', 'de'],
  ['mixed', '["1", 2, true]', 1],
  ['mixed', '["1", 2, true]', '2'],
  ['none', '[]', ''],
  ['nested', '[a list]', 'dev'],
  ['realm_access', 'an object', '[object Object]'],
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
      new Denial(
        'claim_mismatch',
        `${claim} is ${told}; wanted: ${values.map((value) => JSON.stringify(value)).join(', ')}`,
      ),
    );
  });

test('claims – all of them are needed, and the first that fails is told', (t) => {
  const blue = requirement('tenant', 'blue');
  const dev = requirement('groups', 'dev');
  const red = requirement('tenant', 'red');
  t.is(checkClaims([blue, dev], claims), undefined);
  t.deepEqual(
    checkClaims([blue, dev, red], claims),
    new Denial('claim_mismatch', 'tenant is "blue"; wanted: "red"'),
  );
  t.deepEqual(
    checkClaims([requirement('gone', 1), red], claims),
    new Denial('claim_mismatch', 'gone is missing; wanted: 1'),
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
    new Denial('claim_mismatch', 'tenant is missing; wanted: "blue"'),
  );
  t.is(checkClaims([requirement('/__proto__/tenant', 'blue')], odd), undefined);
  t.is(checkClaims([requirement('constructor', 'x')], odd), undefined);
});

test('claims – the detail shows a few short values, and never what looks like a token', (t) => {
  const told = (value: unknown, ...wanted: string[]) =>
    checkClaims([requirement('x', ...wanted)], { x: value })?.detail;
  t.is(
    told(['a', 'b', 'c', 'd', 'e', 'f', 'g'], 'z'),
    'x is ["a", "b", "c", "d", "e" and 2 more]; wanted: "z"',
  );
  t.is(told('y'.repeat(50_000), 'z'), `x is "${'y'.repeat(60)}…"; wanted: "z"`);
  t.is(told('eyJhbGciOiJub25lIn0.e30.', 'z'), 'x is what looks like a token; wanted: "z"');
  t.is(told(['eyJhbGciOiJub25lIn0.e30.'], 'z'), 'x is [what looks like a token]; wanted: "z"');
  t.is(told('\u001b[2J', 'z'), 'x is "\\u001b[2J"; wanted: "z"');
  t.is(told({ secret: 'a' }, 'z'), 'x is an object; wanted: "z"');
});
