import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Manifest, root } from './manifests.ts';
import { asModelled, modelModule } from './schemas.ts';

/**
 * Compiles each resource as a literal of its type: the types refuse unknown fields, which the JSON Schemas of the same
 * packages let pass. Takes groups of resources; returns the errors, each beginning with `GROUP-INDEX.mts`.
 */
export async function typeErrors(groups: Readonly<Record<string, readonly Manifest[]>>): Promise<string[]> {
  // Inside node_modules, so that the packages are found by the usual resolution.
  const cache = join(root, 'node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'peerproof-manifests-'));
  const files = Object.entries(groups).flatMap(([group, manifests]) =>
    manifests.map((manifest, index) => {
      const file = `${group}-${index}.mts`;
      writeFileSync(join(folder, file), literal(manifest));
      return file;
    }),
  );
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  const options =
    '--ignoreConfig --noEmit --strict --skipLibCheck --module nodenext --target es2024 --pretty false';
  const output = await new Promise<string>((resolve) => {
    const args = [compiler, ...options.split(' '), ...files];
    execFile(process.execPath, args, { cwd: folder }, (_error, stdout, stderr) => resolve(stdout + stderr));
  }).finally(() => rmSync(folder, { recursive: true, force: true }));
  return output.split('\n').filter((line) => /error TS\d+/.test(line));
}

function literal(manifest: Manifest): string {
  const type = `I${manifest.kind}`;
  const value = JSON.stringify(asModelled(manifest), null, 2);
  return `import type { ${type} } from '${modelModule(manifest)}';\nexport const manifest: ${type} = ${value};\n`;
}
