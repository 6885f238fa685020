import test from 'ava';
import { parseConfig } from '../../src/config/load.ts';
import { problemLine } from '../../src/config/problem.ts';
import { presetNames, presets } from '../../src/core/identity/presets.ts';
import { goodConfig, problemsOf } from '../support/config-problems.ts';

/** `more` begins at line 9 of a good configuration. */
const LINE = 9;
const problems = (more: string) => problemsOf(goodConfig({ more }), 'peerproof.yaml');
const identityOf = (more: string) => parseConfig(goodConfig({ more }), 'x').config.identity;

test('identity – defaults: the standard headers and claims, no address unverified, no token on the answer', (t) => {
  const defaults = {
    preset: 'standard',
    claims: { email: 'email', preferredUsername: 'preferred_username', groups: 'groups' },
    allowInsecureUnverifiedEmail: false,
    passAccessToken: false,
    passAuthorization: false,
    headers: {},
  };
  for (const more of ['', 'identity: {}', 'identity: {claims: {}, headers: {}}'])
    t.deepEqual(identityOf(more), defaults as never, more);
});

test('identity – each setting is taken over, and leaves the others at their defaults', (t) => {
  t.like(identityOf('identity: {preset: oauth2-proxy, claims: {groups: /realm_access/roles}}'), {
    preset: 'oauth2-proxy',
    claims: { email: 'email', preferredUsername: 'preferred_username', groups: '/realm_access/roles' },
  });
  const headers =
    'x-tenant: {claim: tenant}, x-user: {from: x-auth-request-user}, x-auth-request-email: false';
  t.deepEqual(identityOf(`identity: {headers: {${headers}}}`).headers, {
    'x-tenant': { claim: 'tenant' },
    'x-user': { from: 'x-auth-request-user' },
    'x-auth-request-email': false,
  });
});

const wrong: [string, string, string, RegExp][] = [
  ['an unknown preset', '{preset: nginx}', 'identity.preset', /must be one of standard, oauth2-proxy/],
  [
    'an unknown setting',
    '{passToken: true}',
    'identity.passToken',
    /not a setting; settings here: .*passAccessToken/,
  ],
  [
    'an unknown claim',
    '{claims: {user: sub}}',
    'identity.claims.user',
    /not a setting; settings here: email/,
  ],
  ['an empty claim', '{claims: {email: ""}}', 'identity.claims.email', /must not be empty/],
  ['a claim that is a list', '{claims: {groups: [a]}}', 'identity.claims.groups', /must be a string/],
  ['a switch that is a text', '{passAccessToken: "yes"}', 'identity.passAccessToken', /must be a boolean/],
  [
    'a switch that is a number',
    '{allowInsecureUnverifiedEmail: 1}',
    'identity.allowInsecureUnverifiedEmail',
    /must be a boolean/,
  ],
  ['headers as a list', '{headers: [x-a]}', 'identity.headers', /must be a mapping/],
  ['a header in capitals', '{headers: {X-Tenant: {claim: t}}}', 'identity.headers.X-Tenant', /in lower case/],
  ['a header with _', '{headers: {x_tenant: {claim: t}}}', 'identity.headers.x_tenant', /in lower case/],
  [
    'a header with a space',
    '{headers: {"x tenant": {claim: t}}}',
    'identity.headers.x tenant',
    /in lower case/,
  ],
  [
    'a header with a line end',
    '{headers: {"x-a\\nb": {claim: t}}}',
    'identity.headers.x-a\nb',
    /in lower case/,
  ],
  ['a pseudo-header', '{headers: {":path": {claim: t}}}', 'identity.headers.:path', /in lower case/],
  ['a header without a name', '{headers: {"": {claim: t}}}', 'identity.headers.', /in lower case/],
  [
    'a header with a long name',
    `{headers: {${'x'.repeat(65)}: {claim: t}}}`,
    `identity.headers.${'x'.repeat(65)}`,
    /in lower case/,
  ],
  ['a header that is true', '{headers: {x-a: true}}', 'identity.headers.x-a', /./],
  ['a header that is a text', '{headers: {x-a: tenant}}', 'identity.headers.x-a', /./],
  ['a header of an empty claim', '{headers: {x-a: {claim: ""}}}', 'identity.headers.x-a.claim', /./],
  [
    'a header of two sources',
    '{headers: {x-a: {claim: t, from: x-spiffe-id}}}',
    'identity.headers.x-a',
    /claim|from/,
  ],
  ['a header of no source', '{headers: {x-a: {}}}', 'identity.headers.x-a', /is missing/],
];
for (const [title, identity, key, message] of wrong)
  test(`identity – ${title} is refused with file, line and key`, (t) => {
    const found = problems(`identity: ${identity}`);
    const said = found.map(problemLine).join('\n');
    t.true(found.length > 0, said);
    for (const problem of found) {
      t.true(problem.key === key || problem.key.startsWith(`${key}.`), said);
      t.is(problem.file, 'peerproof.yaml');
      t.is(problem.line, LINE, said);
    }
    t.true(
      found.some((problem) => message.test(problem.message)),
      said,
    );
  });

/** Who sets or removes one of these changes what is asked, not who asks. */
const carriers = [
  'authorization',
  'host',
  'connection',
  'content-length',
  'content-type',
  'content-encoding',
  'transfer-encoding',
  'te',
  'trailer',
  'upgrade',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'expect',
  'cookie',
  'set-cookie',
  'cache-control',
  'x-envoy-auth-headers-to-remove',
  'x-envoy-original-path',
];
for (const name of carriers)
  test(`identity.headers – ${name} carries the request and is refused in each form, with its line`, (t) => {
    for (const form of ['false', '{claim: t}', '{from: x-auth-request-user}']) {
      const found = problems(`identity:\n  headers:\n    x-fine: {claim: t}\n    ${name}: ${form}`);
      t.deepEqual(
        found.map(({ file, line, key }) => [file, line, key]),
        [['peerproof.yaml', LINE + 3, `identity.headers.${name}`]],
        form,
      );
      t.regex(found[0]?.message ?? '', /is a header of the request itself/);
    }
  });

test('identity.headers – a name that only begins or ends like one of those is allowed', (t) => {
  for (const name of [
    'x-host',
    'authorization-info',
    'cookies',
    'x-cookie',
    'hosts',
    'test',
    'accept-content',
  ])
    t.deepEqual(problems(`identity: {headers: {${name}: {claim: t}}}`), [], name);
});

test('identity.headers – from is a header of the preset in force, and the others are listed', (t) => {
  const from = (name: string, preset: string) =>
    problems(`identity:\n  preset: ${preset}\n  headers:\n    x-user:\n      from: ${name}`);
  for (const preset of presetNames)
    for (const name of Object.keys(presets[preset])) t.deepEqual(from(name, preset), [], name);
  for (const name of ['x-forwarded-user', 'gap-auth', 'x-user', 'authorization', 'constructor', 'sub']) {
    const [problem, ...more] = from(name, 'standard');
    t.is(more.length, 0, name);
    t.is(problem?.key, 'identity.headers.x-user.from');
    t.is(problem?.line, LINE + 4);
    t.regex(problem?.message ?? '', /is not an identity header; must be one of x-auth-request-user, /);
  }
  t.regex(from('x-nothing', 'oauth2-proxy')[0]?.message ?? '', /x-forwarded-access-token/);
});

test('identity.headers – several mistakes are several problems, in the order of their lines', (t) => {
  const text =
    'identity:\n  preset: nginx\n  headers:\n    host: false\n    x-user: {from: nobody}\n    X-B: false';
  t.deepEqual(
    problems(text).map(({ line, key }) => [line, key]),
    [
      [LINE + 1, 'identity.preset'],
      [LINE + 3, 'identity.headers.host'],
      [LINE + 4, 'identity.headers.x-user.from'],
      [LINE + 5, 'identity.headers.X-B'],
    ],
  );
});

for (const identity of [
  '7',
  '[]',
  'text',
  '{headers: 7}',
  '{headers: {x-a: 7}}',
  '{headers: [7]}',
  '{claims: 7}',
  '{preset: [oauth2-proxy]}',
])
  test(`identity – ${identity} is explained and does not crash`, (t) => {
    const found = problems(`identity: ${identity}`);
    t.true(found.length > 0);
    for (const { message } of found) t.true(message.length > 5);
  });
