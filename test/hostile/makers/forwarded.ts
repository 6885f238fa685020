import { type Case, type Input, proxyWrites } from '../case.ts';
import { element } from '../check.ts';
import type { Fixture } from '../fixture.ts';

/** The header as it arrives, written by the proxy alone. `/peers` is for the shop. */
export const arrives = (
  make: (f: Fixture) => string,
  reason: Case['reason'],
  says: Input['says'] = {},
  path = '/peers',
): Case => ({
  send: (f) => ({ path, token: path === '/bound' ? f.bound() : f.token, says: { ...says, xfcc: make(f) } }),
  reason,
  hash: null,
  envoy: proxyWrites,
});

/** Elements and pairs as a proxy writes them. */
export const victim = ({ senders }: Fixture) => element(senders.shop);
export const own = ({ senders }: Fixture) => element(senders.till);
export const cert = (f: Fixture, who: 'shop' | 'till') => `Cert="${f.senders[who].urlEncodedPem}"`;
export const hash = (f: Fixture, who: 'shop' | 'till') => `Hash=${f.senders[who].sha256Hex}`;
export const gateway = ({ senders }: Fixture) => element(senders.gateway);
