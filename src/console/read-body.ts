import type { IncomingMessage } from 'node:http';
import { isRecord, type JsonObject, parseJson } from '../lib/json.ts';

/** Bytes. A token and a chain of certificates fit into it. */
const most = 262_144;

/**
 * Reads the JSON object of a request. The admin server bounds the time.
 * @returns undefined if it is too long, or no object
 */
export async function readJsonBody(request: IncomingMessage): Promise<JsonObject | undefined> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > most) return undefined;
    pieces.push(piece);
  }
  const parsed = parseJson(Buffer.concat(pieces).toString('utf8'));
  return isRecord(parsed) ? parsed : undefined;
}
