import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Claims, createSigner } from '../support/jwt-signer.ts';

const signer = createSigner('ES256');

/** A token as a file holds it, for the audience `orders` and good for an hour. */
export function mint(claims: Claims = {}, now = Date.now()): string {
  const iat = Math.floor(now / 1000);
  const sub = 'system:serviceaccount:applications:shop';
  return signer.sign({
    iss: 'https://cluster.example',
    aud: ['orders'],
    sub,
    iat,
    exp: iat + 3_600,
    ...claims,
  });
}

/** A folder that is gone after `remove`. */
export function tokenFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'peerproof-inject-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** A volume as the kubelet writes it: `name` → `..data/name`, and `..data` → a folder that is swapped by a rename. */
export function projectedVolume(folder: string) {
  let version = 0;
  return {
    write(files: Readonly<Record<string, string>>): void {
      const data = `..2026_11_22_${version++}`;
      mkdirSync(join(folder, data));
      for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, data, name), content);
      symlinkSync(data, join(folder, '..data_tmp'));
      renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
      if (version === 1)
        for (const name of Object.keys(files)) symlinkSync(join('..data', name), join(folder, name));
      else rmSync(join(folder, `..2026_11_22_${version - 2}`), { recursive: true });
    },
  };
}
