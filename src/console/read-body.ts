import type { IncomingMessage } from 'node:http';
import { isRecord, type JsonObject, parseJson } from '../lib/json.ts';

/** Bytes. A token and a chain of certificates fit into it. */
const most = 262_144;

/**
 * Reads the JSON object of a request. The admin server bounds the time.
 * @returns undefined if it is too long, or no object
 */
export async function readJsonBody(request: IncomingMessage): Promise<JsonObject | undefined> {
  // One piece of memory: as a list, pieces of one byte would take a hundred times as much.
  const body = Buffer.allocUnsafe(most);
  let length = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    if (length + piece.length > most) return undefined;
    length += piece.copy(body, length);
  }
  const parsed = parseJson(body.toString('utf8', 0, length));
  return isRecord(parsed) ? parsed : undefined;
}
