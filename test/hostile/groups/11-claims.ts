import { type Case, claims, each, type Group } from '../case.ts';

const user = 'x-auth-request-user';
const groups = 'x-auth-request-groups';

/** The claim passes, and this is what the application gets. */
const shows = (more: Record<string, unknown>, headers: Readonly<Record<string, string | null>>): Case =>
  claims(more, 'allowed', { seen: { headers } });

/** How the subject arrives: what cannot stand in a header is percent-encoded as UTF-8. */
const subjects: readonly [what: string, sub: string, header: string][] = [
  ['CR', 'ali\rce', 'ali%0Dce'],
  ['LF', 'ali\nce', 'ali%0Ace'],
  ['a whole header', 'alice\r\nx-auth-request-user: root', 'alice%0D%0Ax-auth-request-user: root'],
  ['a whole response', 'a\r\n\r\nHTTP/1.1 200 OK', 'a%0D%0A%0D%0AHTTP/1.1 200 OK'],
  ['NUL', 'ali\0ce', 'ali%00ce'],
  ['DEL', 'ali\x7fce', 'ali%7Fce'],
  ['a tab', 'ali\tce', 'ali%09ce'],
  ['non-ASCII', 'al\u00edce', 'al%C3%ADce'],
  ['emoji', '\u{1f600}', '%F0%9F%98%80'],
  ['a percent sign', '%0A', '%250A'],
  ['an escape of a percent sign', '%250A', '%25250A'],
  ['spaces at its ends', ' alice ', '%20alice%20'],
  ['a space alone', ' ', '%20'],
  ['a colon and quotes', 'a:"b"', 'a:"b"'],
  ['a semicolon and a comma', 'a;b,c', 'a;b,c'],
  ['the right-to-left override', '\u202eecila', '%E2%80%AEecila'],
  ['a zero width space', 'al\u200bice', 'al%E2%80%8Bice'],
  ['a line separator', 'a\u2028b', 'a%E2%80%A8b'],
  ['the next line control', 'a\u0085b', 'a%C2%85b'],
  ['a Cyrillic a', '\u0430lice', '%D0%B0lice'],
  ['decomposed letters', 'e\u0301', 'e%CC%81'],
  ['composed letters', '\u00e9', '%C3%A9'],
  ['a byte order mark', '\ufeffalice', '%EF%BB%BFalice'],
  ['a replacement character', 'a\ufffd', 'a%EF%BF%BD'],
  ['the last code point', '\u{10ffff}', '%F4%8F%BF%BF'],
  ['ANSI', '\x1b[31malice', '%1B[31malice'],
  ['markup', '<script>alert(1)</script>', '<script>alert(1)</script>'],
];

const malformedSubjects = [null, 1, true, ['alice'], { name: 'alice' }, ''] as const;

export const group: Group = {
  number: 11,
  title: 'Identity headers',
  items: {
    'CR, LF, NUL, non-ASCII, emoji in a claim': {
      source: 'CVE-2026-40574; CWE-113; RFC 9110 §5.5',
      cases: {
        ...each(subjects, ([what, sub, header]) => [
          `${what} in the subject`,
          shows({ sub }, { [user]: header }),
        ]),
        ...each(malformedSubjects, (sub) => [
          `the subject ${JSON.stringify(sub)}`,
          claims({ sub }, 'token_claim_malformed'),
        ]),
        'a lone surrogate': claims({ sub: 'a\ud800b' }, 'token_malformed'),
        'two halves in the wrong order': claims({ email: '\ude00\ud83d' }, 'token_malformed'),
        'LF in an e-mail address': shows(
          { email: 'a@example.com\nx: y' },
          { 'x-auth-request-email': 'a@example.com%0Ax: y' },
        ),
        'LF in the client': shows({ client_id: 'a\nb' }, { 'x-auth-request-client-id': 'a%0Ab' }),
        'LF in a scope': shows({ scope: 'a\nb c' }, { 'x-auth-request-scope': 'a%0Ab c' }),
        'LF in a claim that the settings name': shows({ tenant: 'a\r\nb' }, { 'x-tenant-id': 'a%0D%0Ab' }),
        'an object as a name': shows(
          { preferred_username: { toString: 'x' } },
          { 'x-auth-request-preferred-username': null },
        ),
        'an e-mail address that is a list': shows(
          { email: ['a@example.com'] },
          { 'x-auth-request-email': null },
        ),
      },
    },
    'comma in a group': {
      source: 'CVE-2026-40574; CVE-2026-26308',
      cases: {
        'a comma': shows({ groups: ['dev,admin'] }, { [groups]: 'dev%2Cadmin' }),
        'a comma between two': shows({ groups: ['dev,admin', 'ops'] }, { [groups]: 'dev%2Cadmin,ops' }),
        'an escaped comma': shows({ groups: ['dev%2Cadmin'] }, { [groups]: 'dev%252Cadmin' }),
        'a group in a text': shows({ groups: 'dev,admin' }, { [groups]: 'dev%2Cadmin' }),
        'a list in a list': shows({ groups: [['admin'], 'dev'] }, { [groups]: 'dev' }),
        'what is no text': shows({ groups: [null, 1, true, {}, '', 'dev'] }, { [groups]: 'dev' }),
        'an object': shows({ groups: { admin: true } }, { [groups]: null }),
        'no group at all': shows({ groups: [] }, { [groups]: null }),
        'a fullwidth comma': shows({ groups: ['dev\uff0cadmin'] }, { [groups]: 'dev%EF%BC%8Cadmin' }),
        'a space at its end': shows({ groups: ['dev '] }, { [groups]: 'dev%20' }),
        'a space in a scope of a list': shows(
          { scp: ['orders.read orders.write'] },
          { 'x-auth-request-scope': 'orders.read%20orders.write' },
        ),
        'a scope of a list that holds two': {
          send: (f) => ({ path: '/scoped', token: f.sign({ scp: ['orders.read orders.write'] }) }),
          reason: 'scope_missing',
          scope: 'orders.read orders.write',
        },
        'a scope in other letters': {
          send: (f) => ({ path: '/scoped', token: f.sign({ scope: 'Orders.Read orders.write' }) }),
          reason: 'scope_missing',
          scope: 'orders.read orders.write',
        },
        'scopes with a tab between': {
          send: (f) => ({ path: '/scoped', token: f.sign({ scope: 'orders.read\torders.write' }) }),
          reason: 'scope_missing',
          scope: 'orders.read orders.write',
        },
        'scopes with a no-break space between': {
          send: (f) => ({ path: '/scoped', token: f.sign({ scope: 'orders.read\u00a0orders.write' }) }),
          reason: 'scope_missing',
          scope: 'orders.read orders.write',
        },
        'a scope that only begins alike': {
          send: (f) => ({ path: '/scoped', token: f.sign({ scope: 'orders.readonly orders.write' }) }),
          reason: 'scope_missing',
          scope: 'orders.read orders.write',
        },
        'scope beside scp': {
          send: (f) => ({
            path: '/scoped',
            token: f.sign({ scope: 'orders.read', scp: 'orders.read orders.write' }),
          }),
          reason: 'scope_missing',
          scope: 'orders.read orders.write',
        },
        'scopes that are a number': claims({ scope: 1 }, 'token_claim_malformed'),
        'scopes that are an object': claims({ scp: { admin: true } }, 'token_claim_malformed'),
      },
    },
  },
};
