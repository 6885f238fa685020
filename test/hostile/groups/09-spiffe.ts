import { type AtEnvoy, type Case, claims, each, type Group } from '../case.ts';
import { SHOP, TILL } from '../fixture.ts';
import type { OddSender } from '../senders.ts';

const invalid = 'peer_spiffe_id_invalid';
const notAllowed = 'peer_not_allowed';
const elsewhere = 'peer_trust_domain_not_allowed';
const ambiguous = 'peer_forwarded_ambiguous';
const malformed = 'peer_forwarded_malformed';

type Row = readonly [sender: OddSender, reason: Case['reason'], hash?: Case['reason'], envoy?: AtEnvoy];

/** `/peers` is only for the shop; the certificate is signed by the CA of the mesh. */
const peers = (rows: readonly Row[], path = '/peers') =>
  each(rows, ([sender, reason, hash, envoy]) => [
    `${sender}${path === '/peers' ? '' : ` at ${path}`}`,
    {
      send: (f) => ({ path, token: f.token, sender: f.senders[sender] }),
      reason,
      ...(hash && { hash }),
      ...(envoy && { envoy }),
    } satisfies Case,
  ]);

export const group: Group = {
  number: 9,
  title: 'SPIFFE IDs',
  items: {
    '`example.org.evil`': {
      source: 'SPIFFE-ID §2.1',
      cases: peers([
        ['evilSuffix', elsewhere],
        ['evilPrefix', elsewhere],
      ]),
    },
    case: {
      source: 'SPIFFE-ID §2.1, §2.3; RFC 3986 §6.2.2.1',
      cases: peers([
        ['upperDomain', invalid],
        ['upperScheme', invalid],
        ['upperPath', notAllowed],
      ]),
    },
    'trailing `/`': {
      source: 'SPIFFE-ID §2.2',
      cases: peers([
        ['slash', invalid],
        ['doubleSlash', invalid],
        ['onlySlash', invalid],
      ]),
    },
    '`%2e`': {
      source: 'SPIFFE-ID §2.2',
      cases: peers([
        ['escapedDot', invalid],
        ['escapedSlash', invalid],
        ['escapedLetter', invalid],
      ]),
    },
    '`..`': {
      source: 'SPIFFE-ID §2.2; GHSA-p224-6x5r-fjpm',
      cases: peers([
        ['dots', invalid],
        ['dot', invalid],
      ]),
    },
    'empty path': {
      source: 'X509-SVID §4.2: a leaf has a path',
      cases: peers([
        ['noPath', invalid],
        ['noDomain', invalid],
        ['oneSlash', invalid],
      ]),
    },
    'port, query': {
      source: 'SPIFFE-ID §2.1',
      cases: peers([
        ['port', invalid],
        ['user', invalid],
        ['query', invalid],
        ['fragment', invalid],
      ]),
    },
    NUL: {
      source: 'CVE-2026-47778; CVE-2025-66220; CVE-2009-2408',
      cases: peers([
        ['nul', invalid, malformed],
        ['nulDomain', invalid, malformed],
        ['newline', invalid, malformed],
        ['space', invalid],
        ['leadingSpace', 'peer_missing'],
        ['plus', invalid],
        ['tilde', invalid],
        ['star', invalid],
        ['tooLong', invalid],
      ]),
    },
    'two URI SANs': {
      source: 'X509-SVID §2, §5.2',
      cases: peers([
        ['twoIds', 'peer_certificate_unsuitable', ambiguous],
        ['twoIdsReversed', 'peer_certificate_unsuitable', ambiguous],
        ['twiceTheSame', 'peer_certificate_unsuitable', ambiguous],
        ['idAndUrl', 'peer_certificate_unsuitable', ambiguous],
        ['urlAndId', 'peer_certificate_unsuitable', ambiguous],
        ['urlOnly', 'peer_missing'],
        ['dnsAsId', 'peer_missing', ambiguous],
        ['subjectAsId', 'peer_missing'],
        ['pairInUri', invalid, ambiguous],
        ['elementInUri', invalid, ambiguous],
        ['quoteInUri', invalid, malformed],
        ['pairInDns', notAllowed, ambiguous],
        ['pairInSubject', notAllowed],
      ]),
    },
    'prefix `sa/foo` against `sa/foobar`': {
      source: 'docs/rules.md: * is exactly one segment',
      cases: {
        ...peers([
          ['longer', notAllowed],
          ['deeper', notAllowed],
          ['shorter', notAllowed],
        ]),
        ...peers(
          [
            ['longer', 'allowed'],
            ['deeper', notAllowed],
            ['shorter', notAllowed],
            ['star', invalid],
          ],
          '/team',
        ),
        'a client that is registered for shop, from shopbar': {
          send: (f) => ({ path: '/workload', token: f.token, sender: f.senders.longer }),
          reason: 'binding_workload_mismatch',
        },
        'a subject that is a beginning of the peer': {
          send: (f) => ({
            path: '/workload',
            token: f.sign({ sub: SHOP, client_id: undefined }),
            sender: f.senders.longer,
          }),
          reason: 'binding_workload_mismatch',
        },
      },
    },
    'homoglyphs and Unicode forms': {
      source: 'UTS #39; SPIFFE-ID §2.1',
      cases: {
        ...peers([
          ['latin1', invalid, malformed],
          ['cyrillic', invalid, malformed],
          ['fullWidth', invalid, malformed],
          ['overlong', invalid, malformed],
        ]),
        ...each(
          [
            ['a Cyrillic o in the client', { client_id: 'sh\u043ep' }, 'binding_missing'],
            ['a client in full width', { client_id: '\uff53\uff48\uff4f\uff50' }, 'binding_missing'],
            ['a client with a zero width joiner', { client_id: 'sh\u200dop' }, 'binding_missing'],
            ['a client in capitals', { client_id: 'SHOP' }, 'binding_missing'],
            ['a client with a space', { client_id: 'shop ' }, 'binding_missing'],
            ['a client with a NUL', { client_id: 'shop\0' }, 'binding_missing'],
            ['a client that is a list', { client_id: ['shop'] }, 'binding_missing'],
            ['azp and client_id that differ', { azp: 'till' }, 'binding_missing'],
            [
              'a subject with a Cyrillic o',
              { client_id: undefined, sub: SHOP.replace('shop', 'sh\u043ep') },
              'binding_workload_mismatch',
            ],
            [
              'a subject with its scheme in capitals',
              { client_id: undefined, sub: SHOP.replace('spiffe', 'SPIFFE') },
              'binding_missing',
            ],
            [
              'a subject with a slash at its end',
              { client_id: undefined, sub: `${SHOP}/` },
              'binding_workload_mismatch',
            ],
            [
              'a subject that is a pattern',
              { client_id: undefined, sub: SHOP.replace('shop', '*') },
              'binding_workload_mismatch',
            ],
            ['a subject of the till', { client_id: undefined, sub: TILL }, 'binding_workload_mismatch'],
          ] as const,
          ([what, more, reason]) => [
            what,
            {
              send: (f) => ({ path: '/workload', token: f.sign(more), sender: f.senders.shop }),
              reason,
            } satisfies Case,
          ],
        ),
        'an issuer that differs by a homoglyph': claims(
          { iss: 'https://login.ex\u0430mple.com' },
          'token_issuer_unknown',
        ),
      },
    },
  },
};
