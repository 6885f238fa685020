import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { ConfigInput } from '../../src/config/schema.ts';

/** The destination of every check in these tests, as its proxy states it. */
export const ORDERS = 'spiffe://cluster.local/ns/orders/sa/orders';
export const OWN_ISSUER = 'https://peerproof.example.com';

const makers = {
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  EdDSA: () => generateKeyPairSync('ed25519'),
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
};

/** A private key in PEM. */
export function pemKey(algorithm: keyof typeof makers = 'ES256'): string {
  return makers[algorithm]().privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
}

/** Writes texts into a folder of their own, and returns their paths. */
export function writeFiles(t: Pick<ExecutionContext, 'teardown'>, ...texts: readonly string[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'peerproof-keys-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return texts.map((text, at) => {
    const path = join(folder, `key-${at}.pem`);
    writeFileSync(path, text);
    return path;
  });
}

type TokenSettings = NonNullable<NonNullable<ConfigInput['identity']>['token']>;

/** `identity` of a configuration that mints with these keys. */
export function minting(
  keyFiles: readonly string[],
  more: Partial<TokenSettings> = {},
): NonNullable<ConfigInput['identity']> {
  return { token: { issuer: OWN_ISSUER, keyFiles: [...keyFiles], ...more } };
}

/** The parts of a compact JWS that are JSON. Verifies nothing. */
export function partsOf(token: string): { header: Record<string, unknown>; claims: Record<string, unknown> } {
  const [header, claims] = token
    .split('.')
    .slice(0, 2)
    .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()));
  return { header, claims };
}
