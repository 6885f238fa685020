import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Evidence } from '../../../../src/core/evidence.ts';
import type { CheckRequest } from '../../../../src/grpc/check-messages.ts';
import { evidenceOf } from '../../../../src/grpc/check-request.ts';
import { decodeCheckRequest } from '../../../../src/grpc/decode-request.ts';
import { checkCodec } from '../../../support/check-wire.ts';
import { type Target, target } from '../campaign.ts';
import { mutatedBytes } from '../mutate-text.ts';
import { type Case, cases } from '../presented.ts';
import { worlds } from '../world.ts';
import { decided } from './decide.ts';

/** A check as Envoy would put it: with the headers as a map, or as raw bytes in which a name may stand twice. */
function requestOf({ request, peer, destination, context }: Evidence, raw: boolean): object {
  const headers = Object.entries(request?.headers ?? {});
  const http = request && {
    method: request.method,
    host: request.host,
    path: request.path,
    ...(raw
      ? { headerMap: { headers: headers.map(([key, value]) => ({ key, rawValue: Buffer.from(value) })) } }
      : { headers: { ...request.headers } }),
    ...(request.body !== undefined &&
      (raw ? { rawBody: Buffer.from(request.body) } : { body: request.body })),
  };
  return {
    attributes: {
      source: { ...peer, address: { socketAddress: { address: '10.0.0.1', portValue: 4711 } } },
      destination: {
        principal: destination.principal,
        address: { socketAddress: { portValue: destination.port } },
      },
      ...(http && { request: { http } }),
      contextExtensions: { ...context },
      metadataContext: {},
    },
  };
}

interface Sent {
  readonly bytes: Buffer;
  readonly token: Case['token'];
}

/** Tags of fields and groups that hold each other, and lengths that promise more than comes. */
const words = [
  '\x0a',
  '\x12',
  '\x1a',
  '\x0b',
  '\x0c',
  '\x22',
  '\x7a',
  '\xff\xff\xff\xff\x0f',
  '\x80',
  '\x52\x0a',
  '\x0b'.repeat(200),
];

const sent: fc.Arbitrary<Sent> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.tuple(cases, fc.boolean()).chain(([{ evidence, token }, raw]) => {
      const bytes = checkCodec.requestSerialize(requestOf(evidence, raw));
      return mutatedBytes(fc.constant(bytes), { words, most: 3 }).map(
        (some): Sent => ({ bytes: some, token }),
      );
    }),
  },
  {
    weight: 1,
    arbitrary: fc
      .uint8Array({ maxLength: 300 })
      .map((bytes): Sent => ({ bytes: Buffer.from(bytes), token: undefined })),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom('\x0b', '\x0a\x7f', '\x0a', '\x13', '\x0a\xff\xff\x03'), fc.nat(100_000))
      .map(
        ([piece, often]): Sent => ({ bytes: Buffer.from(piece.repeat(often), 'latin1'), token: undefined }),
      ),
  },
);

/** What the codec lets through becomes evidence of texts alone, and is decided like any other. */
async function isDecided({ bytes, token }: Sent): Promise<string> {
  let request: CheckRequest;
  try {
    request = decodeCheckRequest(bytes);
  } catch (error) {
    // The server answers it with a gRPC error; whatever else is thrown could come out elsewhere.
    assert.ok(
      error instanceof Error && !(error instanceof RangeError && /stack/.test(error.message)),
      String(error),
    );
    return 'undecodable';
  }
  const evidence = evidenceOf(request);
  holdsOfEvidence(evidence);
  return decided(worlds[bytes.length % worlds.length] as (typeof worlds)[number], { evidence, token });
}

function holdsOfEvidence({ request, peer, destination, context, allowLists, flaw }: Evidence): void {
  assert.equal(allowLists, undefined);
  assert.ok(flaw === undefined || flaw.reason === 'request_too_large');
  const texts = [request?.method ?? '', request?.host ?? '', request?.path ?? '', request?.body ?? ''];
  texts.push(peer.certificate ?? '', peer.principal ?? '', destination.principal);
  texts.push(...Object.values(request?.headers ?? {}), ...Object.values(context));
  for (const text of texts) assert.equal(typeof text, 'string');
  assert.ok(Number.isInteger(destination.port));
}

export const wireCheckTarget: Target = target<Sent>({
  name: 'check-request',
  inputs: sent,
  hold: isDecided,
  reaches: ['undecodable', 'allowed', 'public', 'request_malformed'],
});
