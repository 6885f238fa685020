import test from 'ava';
import type { Denial } from '../../src/core/denial.ts';
import type { AllowLists } from '../../src/core/evidence.ts';
import { evidenceOfForwardAuth } from '../../src/http/check-request.ts';
import { readAllowLists } from '../../src/http/forward-auth.ts';
import { checkOf } from './check-cases.ts';

/** What the proxy allowLists in the query of its check, in the parameters of oauth2-proxy. */

const none = ['', '?', '?&', '?&&'];
for (const query of none)
  test(`allow lists – ${JSON.stringify(query)} sets no allow list`, (t) => {
    t.is(readAllowLists(query), undefined);
  });

const read: Record<string, AllowLists> = {
  '?allowed_groups=a': { groups: ['a'] },
  '?allowed_groups=a,b': { groups: ['a', 'b'] },
  '?allowed_groups=a&allowed_groups=b': { groups: ['a', 'b'] },
  '?allowed_groups=a%2Cb': { groups: ['a', 'b'] },
  '?allowed_groups=a%2cb,c': { groups: ['a', 'b', 'c'] },
  '?allowed_groups=%20a%20,%09b': { groups: ['a', 'b'] },
  '?allowed_groups=team+a': { groups: ['team a'] },
  '?allowed_groups=team%2Ba': { groups: ['team+a'] },
  '?allowed_groups=a%2526b': { groups: ['a%26b'] },
  '?allowed_groups=caf%C3%A9': { groups: ['café'] },
  '?allowed_groups=a=b': { groups: ['a=b'] },
  '?allowed_groups=a#b': { groups: ['a#b'] },
  '?allowed_groups=a;allowed_emails=b': { groups: ['a;allowed_emails=b'] },
  '?allowed_groups=*': { groups: ['*'] },
  '?allowed_groups=A': { groups: ['A'] },
  '?allowed%5Fgroups=a': { groups: ['a'] },
  '??allowed_groups=a': {} as AllowLists,
  '?allowed_emails=a@b.example': { emails: ['a@b.example'] },
  '?allowed_emails=a%40b.example,c@d.example': { emails: ['a@b.example', 'c@d.example'] },
  // As in oauth2-proxy, `.b.example` is b.example too.
  '?allowed_email_domains=.b.example,c.example': { emailDomains: ['.b.example', 'b.example', 'c.example'] },
  '?allowed_groups=a&allowed_emails=b&allowed_email_domains=c': {
    groups: ['a'],
    emails: ['b'],
    emailDomains: ['c'],
  },
  // An empty list matches no token. It must not be read as no list.
  '?allowed_groups=': { groups: [] },
  '?allowed_groups': { groups: [] },
  '?allowed_groups=,': { groups: [] },
  '?allowed_groups=%20': { groups: [] },
  '?allowed_groups=%2C%2C': { groups: [] },
  '?allowed_emails=&allowed_groups=a': { emails: [], groups: ['a'] },
  '?allowed_groups=a,': { groups: ['a'] },
  '?allowed_groups=&allowed_groups=a': { groups: ['a'] },
};
for (const [query, allowLists] of Object.entries(read))
  test(`allow lists – ${JSON.stringify(query)}`, (t) => {
    const found = readAllowLists(query);
    // Two question marks make another name, which is unknown.
    if (query.startsWith('??')) t.like(found, { reason: 'request_malformed' });
    else t.deepEqual(found, allowLists);
  });

const unknown = [
  '?allowed_group=a',
  '?Allowed_Groups=a',
  '?allowed_groups =a',
  '?allowed-groups=a',
  '?allowed_groups[]=a',
  '?=a',
  '?a',
  '?allowed_groups=a&x=1',
  '?x=1&allowed_groups=a',
  '?allowed_groups=a&',
  '?rd=https://evil.example',
  '?__proto__=a',
  '?constructor=a',
  '?hasOwnProperty=a',
  '?toString=a',
  '?allowed_groups%00=a',
];
for (const query of unknown)
  test(`allow lists – ${JSON.stringify(query)}: an unknown parameter is refused`, (t) => {
    const found = readAllowLists(query);
    // A lone & holds no parameter at all.
    if (query.endsWith('&')) t.deepEqual(found, { groups: ['a'] });
    else {
      t.like(found, { reason: 'request_malformed' });
      t.regex((found as Denial).detail ?? '', /^the query of the proxy has an unknown parameter: "/);
    }
  });

const headers = {
  'x-original-method': 'GET',
  'x-original-host': 'orders.example.com',
  'x-original-uri': '/orders?allowed_groups=mine&x=1',
};
const auth = { path: '/oauth2/auth', trusts: () => true, original: 'x-original' as const };

test('allow lists – stand in the query of the check, never in that of the original request', (t) => {
  const bare = evidenceOfForwardAuth(checkOf({ target: '/oauth2/auth', headers }), auth);
  t.is(bare.flaw, undefined);
  t.false('allowLists' in bare);
  const asked = evidenceOfForwardAuth(checkOf({ target: '/oauth2/auth?allowed_groups=ops', headers }), auth);
  t.deepEqual(asked.allowLists, { groups: ['ops'] });
  t.is(asked.request?.path, headers['x-original-uri']);
});

test('allow lists – an unknown parameter makes the check malformed', (t) => {
  const { flaw, allowLists } = evidenceOfForwardAuth(checkOf({ target: '/oauth2/auth?x=1', headers }), auth);
  t.is(flaw?.reason, 'request_malformed');
  t.is(allowLists, undefined);
});

test('allow lists – the detail for the log names the unknown parameter, shortened, and not its value', (t) => {
  const detail = (query: string) => (readAllowLists(query) as Denial).detail;
  const known = 'known are allowed_groups, allowed_emails, allowed_email_domains';
  t.is(
    detail('?allowed_groups=a&allowed_gr%6Fup=4711&x=y'),
    `the query of the proxy has an unknown parameter: "allowed_group"; ${known}`,
  );
  t.is(
    detail(`?${'x'.repeat(8_000)}`),
    `the query of the proxy has an unknown parameter: "${'x'.repeat(40)}…"; ${known}`,
  );
  t.is(detail('?%00%1b=1'), `the query of the proxy has an unknown parameter: "\\u0000\\u001b"; ${known}`);
});
