import test from 'ava';
import { Denial } from '../../../src/core/denial.ts';
import { readAuthorization } from '../../../src/core/token/authorization.ts';
import { NOW, type Presented } from '../../support/check-world.ts';
import { isAllowed, isRefused } from '../../support/expected-answers.ts';
import { createSigner } from '../../support/jwt-signer.ts';
import { createTokenWorld, goodClaims } from '../../support/token-fixture.ts';

const signer = createSigner('ES256');
const world = await createTokenWorld([signer]);
const token = signer.sign(goodClaims());

for (const scheme of ['Bearer', 'bearer', 'BEARER', 'bEaReR'])
  test(`Authorization – accepts the scheme as ${scheme} (RFC 9110 §11.1)`, async (t) => {
    isAllowed(t, await world.check({ authorization: `${scheme} ${token}` }));
  });

test('Authorization – a query that only looks like a token in the query passes (RFC 6750 §2.3)', async (t) => {
  for (const path of [
    '/orders?token=x',
    '/orders?my_access_token=x',
    '/orders?q=access_token',
    '/orders?access_tokens=x',
  ])
    isAllowed(t, await world.check({ token, path }), path);
});

type Reason = 'token_missing' | 'authorization_malformed' | 'authorization_ambiguous';
const refused: [string, Presented, Reason][] = [
  ['no header', {}, 'token_missing'],
  ['an empty header', { authorization: '' }, 'token_missing'],
  ['Basic', { authorization: 'Basic YWxpY2U6c2VjcmV0' }, 'token_missing'],
  ['Basic with the token as user', { authorization: `Basic ${btoa(`${token}:`)}` }, 'token_missing'],
  ['a scheme that starts with DPoP', { authorization: `DPoPs ${token}` }, 'token_missing'],
  ['a token without a scheme', { authorization: token }, 'token_missing'],
  ['a scheme that starts with Bearer', { authorization: `Bearers ${token}` }, 'token_missing'],
  ['a token in the query alone', { path: `/orders?access_token=${token}` }, 'token_missing'],
  ['a token in a cookie', { headers: { cookie: `access_token=${token}` } }, 'token_missing'],
  ['a token in another header', { headers: { 'x-forwarded-access-token': token } }, 'token_missing'],
  [
    'a token in Proxy-Authorization',
    { headers: { 'proxy-authorization': `Bearer ${token}` } },
    'token_missing',
  ],
  ['the scheme alone', { authorization: 'Bearer' }, 'authorization_malformed'],
  ['the scheme and a space', { authorization: 'Bearer ' }, 'authorization_malformed'],
  ['two spaces', { authorization: `Bearer  ${token}` }, 'authorization_malformed'],
  ['a tab', { authorization: `Bearer\t${token}` }, 'authorization_malformed'],
  ['a leading space', { authorization: ` Bearer ${token}` }, 'authorization_malformed'],
  ['a leading tab', { authorization: `\tBearer ${token}` }, 'authorization_malformed'],
  ['a trailing space', { authorization: `Bearer ${token} ` }, 'authorization_malformed'],
  ['a trailing newline', { authorization: `Bearer ${token}\n` }, 'authorization_malformed'],
  ['a no-break space', { authorization: `Bearer\u00a0${token}` }, 'authorization_malformed'],
  ['two words', { authorization: `Bearer ${token} ${token}` }, 'authorization_malformed'],
  ['the scheme twice', { authorization: `Bearer Bearer ${token}` }, 'authorization_malformed'],
  ['quotes', { authorization: `Bearer "${token}"` }, 'authorization_malformed'],
  ['a parameter', { authorization: `Bearer token=${token}` }, 'authorization_malformed'],
  ['a colon', { authorization: `Bearer: ${token}` }, 'authorization_malformed'],
  ['an equals sign alone', { authorization: 'Bearer =' }, 'authorization_malformed'],
  ['DPoP and two spaces', { authorization: `DPoP  ${token}` }, 'authorization_malformed'],
  ['DPoP alone', { authorization: 'DPoP' }, 'authorization_malformed'],
  ['DPoP before Bearer', { authorization: `DPoP Bearer ${token}` }, 'authorization_malformed'],
  ['padding in the middle', { authorization: `Bearer a=${token}` }, 'authorization_malformed'],
  ['a semicolon', { authorization: `Bearer ${token};x` }, 'authorization_malformed'],
  ['NUL', { authorization: `Bearer ${token}\0` }, 'authorization_malformed'],
  ['a letter beyond ASCII', { authorization: `Bearer ${token}é` }, 'authorization_malformed'],
  [
    'two headers as Envoy joins them',
    { authorization: `Bearer ${token},Bearer ${token}` },
    'authorization_ambiguous',
  ],
  [
    'two headers with a space',
    { authorization: `Bearer ${token}, Bearer ${token}` },
    'authorization_ambiguous',
  ],
  ['two tokens after one scheme', { authorization: `Bearer ${token},${token}` }, 'authorization_ambiguous'],
  ['Bearer beside DPoP', { authorization: `Bearer ${token},DPoP ${token}` }, 'authorization_ambiguous'],
  ['DPoP beside Bearer', { authorization: `dpop ${token}, bearer ${token}` }, 'authorization_ambiguous'],
  ['DPoP twice', { authorization: `DPoP ${token},DPoP ${token}` }, 'authorization_ambiguous'],
  ['Basic before DPoP', { authorization: `Basic YTpi,DPoP ${token}` }, 'authorization_ambiguous'],
  [
    'one more in the query beside DPoP',
    { authorization: `DPoP ${token}`, path: '/orders?access_token=x' },
    'authorization_ambiguous',
  ],
  ['Basic first', { authorization: `Basic YTpi,Bearer ${token}` }, 'authorization_ambiguous'],
  ['Basic last', { authorization: `Bearer ${token},Basic YTpi` }, 'authorization_ambiguous'],
  ['an empty header first', { authorization: `,Bearer ${token}` }, 'authorization_ambiguous'],
  ['an empty header last', { authorization: `Bearer ${token},` }, 'authorization_ambiguous'],
  ['the other case second', { authorization: `Basic YTpi,bEARER ${token}` }, 'authorization_ambiguous'],
  ['a tab before the second', { authorization: `Basic YTpi,\tBearer ${token}` }, 'authorization_ambiguous'],
  [
    'one more in the query (RFC 6750 §2)',
    { token, path: '/orders?access_token=x' },
    'authorization_ambiguous',
  ],
  ['one more later in the query', { token, path: '/orders?a=b&access_token=x' }, 'authorization_ambiguous'],
  ['an empty one in the query', { token, path: '/orders?access_token=' }, 'authorization_ambiguous'],
];
for (const [title, presented, reason] of refused)
  test(`Authorization – denies ${title} (RFC 6750 §2, §3)`, async (t) => {
    isRefused(t, await world.check(presented), reason);
  });

test('Authorization – a megabyte of anything is answered at once', (t) => {
  const megabyte = 1_048_576;
  const floods = [
    'a'.repeat(megabyte),
    'a='.repeat(megabyte / 2),
    ' '.repeat(megabyte),
    ', '.repeat(megabyte / 2),
  ];
  const began = process.threadCpuUsage();
  for (const flood of floods)
    for (const authorization of [`Bearer ${flood}!`, flood, `${flood}Bearer`]) {
      const path = `/?${'&access_toke='.repeat(10_000)}`;
      const read = readAuthorization({ method: 'GET', host: 'h', path, headers: { authorization } });
      t.true(read === undefined || read instanceof Denial);
    }
  const { user, system } = process.threadCpuUsage(began);
  // Linear work takes some milliseconds of processor time; a pattern that backtracks takes minutes.
  t.true(user + system < 5_000_000, `${user + system} µs`);
});

test('Authorization – a property of Object.prototype is not read as a header', async (t) => {
  t.is(readAuthorization({ method: 'GET', host: 'h', path: '/', headers: Object.create(null) }), undefined);
  t.is(world.clock.now, NOW);
  isRefused(t, await world.check({ headers: { constructor: `Bearer ${token}` } }), 'token_missing');
});

const told: [string, Presented, string][] = [
  ['no header', {}, 'Authorization is missing'],
  ['an empty header', { authorization: '' }, 'Authorization is empty'],
  ['Basic', { authorization: 'basic YWxpY2U6c2VjcmV0' }, 'Authorization holds Basic instead of Bearer'],
  ['a token alone', { authorization: token }, 'Authorization holds a token without the word Bearer'],
  ['another scheme', { authorization: 'Secret 4711' }, 'Authorization does not begin with Bearer'],
  [
    'a query',
    { path: '/orders?access_token=secret' },
    'Authorization is missing; access_token in the query does not count',
  ],
  ['a cookie', { headers: { cookie: 'a=secret' } }, 'Authorization is missing; cookie does not count'],
  ...(
    [
      ['a blank in front', ` Bearer ${token}`, 'something stands before Bearer'],
      ['the scheme alone', 'Bearer ', 'the token is missing'],
      ['two spaces', `Bearer  ${token}`, 'one space must follow Bearer'],
      ['the scheme twice', `Bearer Bearer ${token}`, 'Bearer stands twice'],
      ['quotes', `Bearer "${token}"`, 'a quotation mark'],
      ['a line end', `Bearer ${token}\n`, 'a blank or a line end in the token'],
      ['a star', 'Bearer *', 'a character that a token cannot have'],
    ] as const
  ).map(([title, authorization, flaw]): [string, Presented, string] => [
    title,
    { authorization },
    `not "Bearer", one space and one token: ${flaw}`,
  ]),
];
told.push(
  [
    'DPoP with a blank in front',
    { authorization: ` DPoP ${token}` },
    'not "DPoP", one space and one token: something stands before DPoP',
  ],
  [
    'DPoP twice',
    { authorization: `DPoP DPoP ${token}` },
    'not "DPoP", one space and one token: DPoP stands twice',
  ],
);
for (const [title, presented, detail] of told)
  test(`Authorization – the log says what was sent in place of a bearer token, and no value: ${title}`, async (t) => {
    const { decision } = await world.check(presented);
    t.is('detail' in decision ? decision.detail : undefined, detail);
  });
