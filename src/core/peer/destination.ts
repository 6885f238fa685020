import { Malformed } from '../../lib/malformed.ts';
import type { Evidence } from '../evidence.ts';
import { parseSpiffeId, type SpiffeId } from './spiffe-id.ts';
import { parseXfcc } from './xfcc.ts';

/**
 * The workload that is asked for, by its SPIFFE ID: what the proxy says of its own certificate
 * (`destination.principal`), else the `By` of the last element of `x-forwarded-client-cert`, which the proxy wrote.
 * Undefined where neither names one workload: a connection without mTLS, several `By`, a header that cannot be read.
 * The door has removed the header where its last element may be somebody else's (`http.xfcc`).
 */
export function destinationOf(
  { destination, request }: Evidence,
  believesXfcc: boolean,
): SpiffeId | undefined {
  const header = request?.headers['x-forwarded-client-cert'];
  const name = destination.principal || (believesXfcc && header ? writerOf(header) : '');
  const id = parseSpiffeId(name);
  return id instanceof Malformed || id.segments.length === 0 ? undefined : id;
}

function writerOf(header: string): string {
  const elements = parseXfcc(header);
  const by = elements instanceof Malformed ? [] : (elements.at(-1)?.by ?? []);
  return by.length === 1 ? (by[0] ?? '') : '';
}
