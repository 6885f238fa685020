import { each, type Group } from '../case.ts';
import { bearer, fields, good, message } from '../makers/messages.ts';
import {
  attribute,
  checkRequest,
  entry,
  field,
  http,
  httpRequest,
  part,
  peer,
  rawHeaders,
  usual,
  varint,
} from '../protobuf.ts';

/** Unknown fields of every wire type. */
const unknown: Record<string, Buffer> = {
  'a varint': field(1_000, 0, varint(1)),
  '64 bits': field(1_001, 1, Buffer.alloc(8, 1)),
  bytes: part(1_002, 'x'.repeat(1_000)),
  'a group': Buffer.concat([field(1_003, 3), field(1, 0, varint(1)), field(1_003, 4)]),
  '32 bits': field(1_004, 5, Buffer.alloc(4, 1)),
  'the highest number': field(536_870_911, 0, varint(1)),
};

export const group: Group = {
  number: 16,
  title: 'gRPC',
  items: {
    'hand-encoded messages': {
      source: 'protobuf encoding; CVE-2024-23324; CVE-2026-26308',
      cases: {
        ...each(Object.entries(unknown), ([what, bytes]) => [
          `an unknown field: ${what}`,
          message(
            (f) =>
              Buffer.concat([
                bytes,
                checkRequest(
                  bytes,
                  httpRequest(bytes, ...usual, entry(http.headers, 'authorization', bearer(f))),
                ),
                bytes,
              ]),
            'allowed',
          ),
        ]),
        'a key of the map twice: the last one counts': fields(
          (f) => [
            ...usual,
            entry(http.headers, 'authorization', 'Bearer x'),
            entry(http.headers, 'authorization', bearer(f)),
          ],
          'allowed',
        ),
        'a key of the map twice, the last one bad': fields(
          (f) => [
            ...usual,
            entry(http.headers, 'authorization', bearer(f)),
            entry(http.headers, 'authorization', 'Bearer x'),
          ],
          'token_malformed',
        ),
        'a key in capitals, which Envoy never writes': fields(
          (f) => [...usual, entry(http.headers, 'Authorization', bearer(f))],
          'token_missing',
        ),
        'a key __proto__': fields(
          (f) => [
            ...usual,
            entry(http.headers, '__proto__', bearer(f)),
            entry(http.headers, 'constructor', 'x'),
          ],
          'token_missing',
        ),
        'an entry without a key': fields(
          (f) => [...usual, part(http.headers, part(2, bearer(f)))],
          'token_missing',
        ),
        'an entry without a value': fields(
          () => [...usual, part(http.headers, part(1, 'authorization'))],
          'token_missing',
        ),
        'raw headers beside the map: they alone count': fields(
          (f) => [...usual, entry(http.headers, 'authorization', bearer(f)), rawHeaders(['x-other', 'x'])],
          'token_missing',
        ),
        'raw headers, twice one name': fields(
          (f) => [...usual, rawHeaders(['authorization', bearer(f)], ['authorization', bearer(f)])],
          'authorization_ambiguous',
        ),
        'raw headers, one name in two cases': fields(
          (f) => [...usual, rawHeaders(['authorization', bearer(f)], ['AUTHORIZATION', 'Bearer x'])],
          'authorization_ambiguous',
        ),
        'raw headers with bytes that are not UTF-8': fields(
          (f) => [...usual, rawHeaders(['authorization', bearer(f)], ['x-odd', '\xff\xfe\xc0\xaf'])],
          'allowed',
        ),
        'an Authorization of such bytes': fields(
          () => [...usual, rawHeaders(['authorization', 'Bearer \xff\xfe'])],
          'authorization_malformed',
        ),
        'an Authorization of such bytes in the map': fields(
          () => [...usual, entry(http.headers, 'authorization', 'Bearer \xff\xfe')],
          'authorization_malformed',
        ),
        'a value and a raw value: the raw one counts': fields(
          (f) => [
            ...usual,
            part(http.headerMap, part(1, part(1, 'authorization'), part(2, bearer(f)), part(3, 'Bearer x'))),
          ],
          'token_malformed',
        ),
        'an empty raw value': fields(
          (f) => [
            ...usual,
            part(http.headerMap, part(1, part(1, 'authorization'), part(2, bearer(f)), part(3, ''))),
          ],
          'allowed',
        ),
        'a method that is not UTF-8': fields(
          () => [part(http.method, 'GET\xff'), ...usual.slice(1)],
          'request_malformed',
        ),
        'a path that is not UTF-8': fields(
          () => [part(http.method, 'GET'), part(http.path, '/public/\xff'), part(http.host, 'a')],
          'path_ambiguous',
        ),
        'a host that is not UTF-8': fields(
          () => [...usual.slice(0, 2), part(http.host, 'a\xff')],
          'request_malformed',
        ),
        'a query and a fragment in fields of their own': fields(
          () => [
            part(http.method, 'GET'),
            part(http.path, '/admin/x'),
            part(http.host, 'a'),
            part(http.query, '/public'),
            part(http.fragment, '/public'),
          ],
          'token_missing',
        ),
        'the path in :path of the headers': fields(
          () => [...usual, entry(http.headers, ':path', '/public/x')],
          'token_missing',
        ),
        'a path whose raw bytes are others, as Envoy shows them': fields(
          () => [
            part(http.method, 'GET'),
            part(http.path, '/public/!!!!/x'),
            part(http.host, 'a'),
            rawHeaders([':path', '/public/\xc0\xae\xc0\xae/x']),
          ],
          'path_ambiguous',
        ),
        'a path twice: the last one counts': fields(
          () => [part(http.path, '/public/x'), ...usual],
          'token_missing',
        ),
        'a context with __proto__': message(
          () =>
            checkRequest(
              entry(attribute.context, '__proto__', 'x'),
              httpRequest(part(http.method, 'GET'), part(http.path, '/context'), part(http.host, 'a')),
            ),
          'no_rule',
        ),
        'a principal that is not UTF-8': message(
          (f) =>
            checkRequest(
              part(attribute.source, part(peer.principal, 'spiffe://cluster.local/ns/\xff')),
              httpRequest(
                ...[part(http.path, '/peers'), part(http.method, 'GET'), part(http.host, 'a')],
                entry(http.headers, 'authorization', bearer(f)),
              ),
            ),
          'peer_spiffe_id_invalid',
        ),
        'a certificate that is not UTF-8': message(
          (f) =>
            checkRequest(
              part(attribute.source, part(peer.certificate, '\xff\xfe')),
              httpRequest(...usual, entry(http.headers, 'authorization', bearer(f))),
            ),
          'peer_certificate_malformed',
        ),
        'a NUL in the certificate': message(
          (f) =>
            checkRequest(
              part(attribute.source, part(peer.certificate, `${f.senders.shop.urlEncodedPem}\0`)),
              httpRequest(...usual, entry(http.headers, 'authorization', bearer(f))),
            ),
          'peer_certificate_malformed',
        ),
      },
    },
    'empty attributes': {
      source: 'proto3: every field may be absent',
      cases: {
        'no byte at all': message(() => Buffer.alloc(0), 'no_rule'),
        'no attributes': message(() => checkRequest(), 'no_rule'),
        'no request': message(
          () => checkRequest(part(attribute.source), part(attribute.destination)),
          'no_rule',
        ),
        'a request without http': message(() => checkRequest(part(attribute.request)), 'no_rule'),
        'http without anything': message(() => checkRequest(httpRequest()), 'request_malformed'),
        'no method': fields(() => usual.slice(1), 'request_malformed'),
        'no path': fields(() => [...usual.slice(0, 1), ...usual.slice(2)], 'request_malformed'),
        'no host': fields(() => usual.slice(0, 2), 'request_malformed'),
        'no headers': fields(() => usual, 'token_missing'),
        'an empty header map': fields(
          (f) => [...usual, part(http.headerMap), entry(http.headers, 'authorization', bearer(f))],
          'allowed',
        ),
        'an empty peer': message((f) => checkRequest(part(attribute.source), good(f)), 'allowed'),
        'an empty principal and certificate': message(
          (f) =>
            checkRequest(
              part(attribute.source, part(peer.principal, ''), part(peer.certificate, '')),
              good(f),
            ),
          'allowed',
        ),
      },
    },
  },
};
