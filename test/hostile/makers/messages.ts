import type { Case } from '../case.ts';
import type { Fixture } from '../fixture.ts';
import { checkRequest, entry, http, httpRequest, usual } from '../protobuf.ts';

/** A message that can be read. */
export const message = (
  make: (f: Fixture) => Buffer,
  reason: Case['reason'],
  more: Partial<Case> = {},
): Case => ({
  send: (f) => ({ bytes: make(f), token: f.token }),
  reason,
  hash: null,
  envoy: { cannot: 'Envoy writes the message by itself' },
  ...more,
});

/** The value of a good Authorization. */
export const bearer = (f: Fixture) => `Bearer ${f.token}`;
export const good = (f: Fixture) => httpRequest(...usual, entry(http.headers, 'authorization', bearer(f)));
export const fields = (make: (f: Fixture) => readonly Buffer[], reason: Case['reason']) =>
  message((f) => checkRequest(httpRequest(...make(f))), reason);
