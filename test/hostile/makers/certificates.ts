import { urlEncodePem } from '../../support/ca.ts';
import type { Case, Input } from '../case.ts';
import { element } from '../check.ts';
import type { Fixture } from '../fixture.ts';
import type { OddSender } from '../senders.ts';

/** Sent over a connection with this certificate, with a token that is bound to it: only the certificate decides. */
export const over = (sender: OddSender, reason: Case['reason'], more: Partial<Case> = {}): Case => ({
  send: (f) => ({
    path: '/bound',
    sender: f.senders[sender],
    token: f.sign({ cnf: { 'x5t#S256': f.senders[sender].thumbprint } }),
  }),
  reason,
  // The proxy that shows the hash alone has looked at the certificate itself, in the handshake.
  hash: 'allowed',
  edge: true,
  ...more,
});

/** A PEM around any bytes. */
export function framed(bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

/** XFCC of a shop whose certificate an intermediate signed: `cert: true`, and `chain: true` or these certificates. */
export function forwardedChain({ below }: Fixture, chain: boolean | string): NonNullable<Input['says']> {
  const { shop } = below;
  const sent = chain === true ? shop.certPem + below.chain : chain;
  const more = sent === false ? '' : `Chain="${urlEncodePem(sent)}";`;
  return { xfcc: element(shop, `Cert="${shop.urlEncodedPem}";${more}`) };
}
