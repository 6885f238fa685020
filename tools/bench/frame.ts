import type { CheckRequest } from '../../src/grpc/check-messages.ts';
import { checkMethod, type ReceivedResponse } from '../protocol.ts';

const prefixBytes = 5;

/** A message of gRPC over HTTP/2: not compressed, length, protobuf bytes. Made before the clock runs. */
export function frameOf(request: object): Buffer {
  const message = checkMethod.requestSerialize(request as CheckRequest);
  const prefix = Buffer.alloc(prefixBytes);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

export function responseOf(frame: Buffer): ReceivedResponse {
  return checkMethod.responseDeserialize(frame.subarray(prefixBytes));
}

/**
 * `status.code` of a framed CheckResponse, read from the first bytes alone so that the generator stays cheap. Undefined
 * where the frame is not whole or does not begin with a status, which Envoy would read as allow: never expected here.
 */
export function statusCode(frame: Buffer): number | undefined {
  if (frame.length < prefixBytes + 2 || frame[0] !== 0) return undefined;
  if (frame.readUInt32BE(1) !== frame.length - prefixBytes) return undefined;
  if (frame[prefixBytes] !== 0x0a) return undefined; // CheckResponse.status = 1, a message
  if (frame[prefixBytes + 1] === 0) return 0;
  if (frame[prefixBytes + 2] !== 0x08) return 0; // Status.code = 1 is left out where it is 0
  return frame[prefixBytes + 3];
}
