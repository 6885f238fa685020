import { type Case, each, type Group } from '../case.ts';
import type { Fixture } from '../fixture.ts';
import { bearer, fields, good, message } from '../makers/messages.ts';
import {
  checkRequest,
  entry,
  field,
  http,
  httpRequest,
  part,
  rawHeaders,
  usual,
  varint,
} from '../protobuf.ts';
import { transports } from '../stories/transports.ts';

/** One that cannot be read, and is refused all the same: a gRPC error obeys failure_mode_allow. */
const unreadable = (make: (f: Fixture) => Buffer): Case => message(make, 'check_malformed', { unread: true });
const tooLarge = (make: (f: Fixture) => Buffer): Case => message(make, 'check_too_large', { unread: true });
const overfull = (make: (f: Fixture) => readonly Buffer[]): Case => ({
  ...fields(make, 'request_too_large'),
  unread: true,
});

const depth = 100_000;

export const group: Group = {
  number: 16,
  title: 'gRPC',
  items: {
    'malformed frames': {
      source: 'CVE-2026-48068, CVE-2026-48069; protobuf encoding',
      cases: {
        'half a message': unreadable((f) => checkRequest(good(f)).subarray(0, -10)),
        'a length beyond the end': unreadable(() => Buffer.concat([field(1, 2), varint(1_000_000)])),
        'a length of gigabytes': unreadable(() => Buffer.concat([field(1, 2), varint(0xffff_ffff)])),
        'a varint of eleven bytes': unreadable(() =>
          Buffer.concat([field(1_000, 0), Buffer.alloc(11, 0xff)]),
        ),
        'a tag that is cut off': unreadable(() => Buffer.of(0x80)),
        'wire type 6': unreadable(() => field(1_000, 6)),
        'wire type 7': unreadable(() => field(1_000, 7)),
        'the end of a group that never began': unreadable(() => field(1_000, 4)),
        'groups in groups, 100,000 deep': unreadable(() => Buffer.alloc(depth * 2, field(15, 3))),
        'attributes as a number': unreadable(() => field(1, 0, varint(5))),
        'a path as a number': unreadable(() =>
          checkRequest(httpRequest(part(http.method, 'GET'), field(http.path, 0, varint(200)))),
        ),
        rubbish: unreadable(() => Buffer.from('GET / HTTP/1.1\r\n\r\n')),
      },
      stories: transports.malformed,
    },
    'a CheckRequest of 5 MB': {
      source: 'docs/reference/settings.md: maxMessageBytes; CVE-2024-37168',
      cases: {
        '5 MB of body': tooLarge((f) =>
          checkRequest(
            httpRequest(
              ...usual,
              entry(http.headers, 'authorization', bearer(f)),
              part(http.body, 'x'.repeat(5 * 1024 * 1024)),
            ),
          ),
        ),
        '5 MB of an unknown field': tooLarge((f) =>
          Buffer.concat([checkRequest(good(f)), part(1_000, Buffer.alloc(5 * 1024 * 1024))]),
        ),
        '4 MB less a little': message(
          (f) => Buffer.concat([checkRequest(good(f)), part(1_000, Buffer.alloc(4 * 1024 * 1024 - 4_096))]),
          'allowed',
        ),
        '50,000 headers': overfull((f) => [
          ...usual,
          entry(http.headers, 'authorization', bearer(f)),
          ...Array.from({ length: 50_000 }, (_, number) => entry(http.headers, `x-${number}`, 'x')),
        ]),
        '50,000 raw headers of one name': overfull((f) => [
          ...usual,
          rawHeaders(
            ['authorization', bearer(f)],
            ...Array.from({ length: 50_000 }, () => ['x-odd', 'x'] as const),
          ),
        ]),
        '2,000,000 raw headers without a name': overfull((f) => [
          ...usual,
          entry(http.headers, 'authorization', bearer(f)),
          part(http.headerMap, Buffer.alloc(4_000_000, part(1))),
        ]),
        '300,000 headers whose names are numbers': overfull((f) => [
          ...usual,
          entry(http.headers, 'authorization', bearer(f)),
          Buffer.concat(
            Array.from({ length: 300_000 }, (_, number) => part(http.headers, part(1, `${7 * number}`))),
          ),
        ]),
        '2,000,000 maps of raw headers': overfull((f) => [
          ...usual,
          entry(http.headers, 'authorization', bearer(f)),
          Buffer.alloc(4_000_000, part(http.headerMap)),
        ]),
      },
      stories: transports.size,
    },
    'connections (TCP)': {
      source: 'Envoy: ext_authz network filter',
      cases: each(
        [
          ['the workload that is named', 5432, 'shop', 'allowed'],
          ['another workload', 5432, 'till', 'peer_not_allowed'],
          ['another trust domain', 5432, 'foreign', 'peer_trust_domain_not_allowed'],
          ['a workload without a name', 5432, 'nameless', 'peer_missing'],
          ['nobody', 5432, undefined, 'peer_missing'],
          ['another port', 5433, 'shop', 'no_rule'],
          ['port 0', 0, 'shop', 'no_rule'],
          ['a port that anyone may use', 7, undefined, 'public'],
        ] as const,
        ([what, port, sender, reason]) => [
          what,
          {
            send: (f) => ({ connection: { port }, ...(sender && { sender: f.senders[sender] }) }),
            reason,
            // Nothing but the certificate and the principal is said of a connection.
            ...(sender === 'nameless' && { hash: 'peer_missing' as const }),
            envoy: {
              cannot:
                'see test/envoy/tcp.test.ts: the client of a connection chooses nothing but its certificate',
            },
          } satisfies Case,
        ],
      ),
    },
    'cancelled calls': { source: 'gRPC: CANCELLED; CVE-2023-44487', stories: transports.cancelled },
    '10,000 streams': { source: 'CVE-2023-44487; CVE-2023-32732', stories: transports.streams },
    'half-open connections': { source: 'CWE-400: slow loris', stories: transports.halfOpen },
  },
};
