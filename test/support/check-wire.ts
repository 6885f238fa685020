import { serviceName } from '../../src/grpc/protocol.ts';
import { packageDefinition } from '../../tools/protocol.ts';

/** An answer as a proxy decodes it. */
export interface ReceivedResponse {
  status?: { code?: number; message?: string };
  okResponse?: { headers?: ReceivedHeader[]; headersToRemove?: string[] };
  deniedResponse?: { status?: { code?: number | string }; headers?: ReceivedHeader[]; body?: string };
  errorResponse?: unknown;
  dynamicMetadata?: { fields?: Record<string, unknown> };
}

export interface ReceivedHeader {
  header?: { key?: string; value?: string };
  append?: { value?: boolean };
  appendAction?: string;
}

interface Codec {
  requestSerialize(message: object): Buffer;
  requestDeserialize(bytes: Buffer): never;
  responseSerialize(message: object): Buffer;
  responseDeserialize(bytes: Buffer): ReceivedResponse;
}

/** The generated codec of `Authorization/Check`. */
export const checkCodec = (packageDefinition[serviceName] as unknown as { Check: Codec }).Check;

/** Sends an answer through the wire format. */
export function receiveResponse(response: object): ReceivedResponse {
  return checkCodec.responseDeserialize(checkCodec.responseSerialize(response));
}

/** The headers of an answer by name. A name that appears twice is joined, so that it cannot go unseen. */
export function headersOf(headers: readonly ReceivedHeader[] | undefined): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { header } of headers ?? []) {
    const { key = '', value = '' } = header ?? {};
    found[key] = key in found ? `${found[key]} AND ${value}` : value;
  }
  return found;
}
