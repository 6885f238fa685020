import type { ReceivedResponse } from './check-wire.ts';

/**
 * What the application gets: the client's headers after the mutations of an allow, as Envoy applies them (set replaces,
 * remove wins over set, names have no case). Nothing where the answer is no allow.
 */
export function headersAtApplication(
  sent: Readonly<Record<string, string>>,
  { okResponse }: ReceivedResponse,
): Record<string, string> {
  if (!okResponse) return {};
  const headers = new Map(Object.entries(sent).map(([name, value]) => [name.toLowerCase(), value]));
  for (const { header, append, appendAction } of okResponse.headers ?? []) {
    const { key = '', value = '' } = header ?? {};
    if (append?.value !== false || appendAction !== 'OVERWRITE_IF_EXISTS_OR_ADD')
      throw new TypeError(`${key} would be appended`);
    headers.set(key.toLowerCase(), value);
  }
  for (const name of okResponse.headersToRemove ?? []) headers.delete(name.toLowerCase());
  return Object.fromEntries(headers);
}
