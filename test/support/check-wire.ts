import type { CheckResponse, ReplacingHeader } from '../../src/grpc/check-messages.ts';
import { encodeCheckResponse } from '../../src/grpc/encode-response.ts';
import { serviceName } from '../../src/grpc/protocol.ts';
import { packageDefinition, type ReceivedHeader, type ReceivedResponse } from '../../tools/protocol.ts';

export type { ReceivedResponse };

interface Codec {
  requestSerialize(message: object): Buffer;
  requestDeserialize(bytes: Buffer): never;
  responseSerialize(message: object): Buffer;
  responseDeserialize(bytes: Buffer): ReceivedResponse;
}

/** The generated codec of `Authorization/Check`. */
export const checkCodec = (packageDefinition[serviceName] as unknown as { Check: Codec }).Check;

/** What the generated codec encodes an answer from. */
export function messageOf({ okResponse, deniedResponse, ...rest }: CheckResponse): object {
  const replace = ([key, value]: ReplacingHeader) => ({
    header: { key, value },
    append: { value: false },
    appendAction: 'OVERWRITE_IF_EXISTS_OR_ADD',
  });
  const structValue = (value: string | readonly string[]): object =>
    typeof value === 'string' ? { stringValue: value } : { listValue: { values: value.map(structValue) } };
  const fields: Record<string, object> = {};
  for (const [name, value] of Object.entries(rest.dynamicMetadata))
    if (value !== undefined) fields[name] = structValue(value);
  return {
    ...rest,
    ...(okResponse && { okResponse: { ...okResponse, headers: okResponse.headers.map(replace) } }),
    ...(deniedResponse && {
      deniedResponse: { ...deniedResponse, headers: deniedResponse.headers.map(replace) },
    }),
    dynamicMetadata: { fields },
  };
}

/**
 * An answer as a proxy decodes it. Our encoder and the generated codec must write the same bytes, so a text that
 * is not Unicode fails here.
 */
export function receiveResponse(response: CheckResponse): ReceivedResponse {
  const bytes = encodeCheckResponse(response);
  if (!bytes.equals(checkCodec.responseSerialize(messageOf(response))))
    throw new Error('the bytes of the answer are not those of the generated codec');
  return checkCodec.responseDeserialize(bytes);
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
