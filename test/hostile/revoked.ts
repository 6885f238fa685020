import type { Revocation } from '../../src/core/revocation/revocation.ts';
import { writeRevocation } from '../../src/core/revocation/written.ts';
import { type Fixture, SHOP, TILL } from './fixture.ts';

/** What is revoked in the world `revoked`. Everything was revoked at the time of the checks. */
function entries({ now }: Fixture): readonly Omit<Revocation, 'until' | 'by'>[] {
  return [
    { kind: 'jti', value: 'stolen' },
    { kind: 'jti', value: '17' },
    { kind: 'subject', value: 'mallory', issuedBefore: now },
    { kind: 'subject', value: 'partner-user', issuer: 'partner', issuedBefore: now },
    { kind: 'client', value: 'till', issuedBefore: now },
    { kind: 'client', value: 'partner-only', issuedBefore: now },
    { kind: 'client', value: 'orders-batch' },
    { kind: 'session', value: 's-1' },
    { kind: 'spiffeId', value: TILL, issuedBefore: now },
    { kind: 'spiffeId', value: `${SHOP}-old`, issuedBefore: now },
    { kind: 'all', value: '', issuer: 'lax', issuedBefore: now },
  ];
}

/** The file that says so, with one entry that has expired. */
export function revokedFile(fixture: Fixture): string {
  const kept = entries(fixture).map((entry) => ({ ...entry, until: fixture.now + 3_600_000, by: 'a test' }));
  const over = { kind: 'subject', value: 'pardoned', until: fixture.now, by: 'a test' } as const;
  return [...kept, over].map((entry) => `${JSON.stringify(writeRevocation(entry))}\n`).join('');
}
