/**
 * `node tools/trust/sbom.ts`, part of `npm run build`: writes dist/sbom.cdx.json, the packages of the product with version,
 * licence and hash (CycloneDX), from the lock file. Contains nothing that differs between two builds, and no name of a
 * registry.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';

interface Sbom {
  serialNumber?: string;
  metadata: { timestamp?: string; tools?: unknown; component: { name: string } };
  components: { 'bom-ref': string; externalReferences?: unknown; properties?: unknown }[];
  dependencies: { ref: string; dependsOn: string[] }[];
}

interface Lock {
  name: string;
  version: string;
  packages: Record<string, { name?: string; version: string; dev?: boolean }>;
}

const here = (path: string) => new URL(`../../${path}`, import.meta.url);
const lock = JSON.parse(readFileSync(here('package-lock.json'), 'utf8')) as Lock;
// With --omit=dev npm omits packages that a development tool also needs (jose). The lock file is correct.
const part = new Set(
  Object.entries(lock.packages)
    .filter(([, { dev }]) => !dev)
    .map(([path, { name = path.split('node_modules/').at(-1), version }]) => `${name}@${version}`),
);

const written = execFileSync(
  'npm',
  ['sbom', '--package-lock-only', '--sbom-format', 'cyclonedx', '--sbom-type', 'application'],
  { cwd: here('.'), encoding: 'utf8', maxBuffer: 64 * 2 ** 20 },
);
const { serialNumber: _1, ...sbom } = JSON.parse(written) as Sbom;
const { timestamp: _2, tools: _3, ...metadata } = sbom.metadata;
// npm uses the name of the folder.
metadata.component.name = lock.name;
const byText = (a: string, b: string) => (a < b ? -1 : 1);
const components = sbom.components
  .filter((component) => part.has(component['bom-ref']))
  // Of these properties, where npm put a package, and what it fetched it from.
  .map(({ externalReferences: _4, properties: _5, ...component }) => component)
  .sort((a, b) => byText(a['bom-ref'], b['bom-ref']));
const dependencies = sbom.dependencies
  .filter(({ ref }) => part.has(ref))
  .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((one) => part.has(one)).sort(byText) }))
  .sort((a, b) => byText(a.ref, b.ref));
const missing = [...part].filter(
  (name) => name !== `${lock.name}@${lock.version}` && !components.some((one) => one['bom-ref'] === name),
);
if (missing.length > 0) throw new Error(`not in the SBOM: ${missing.join(', ')}`);
mkdirSync(here('dist'), { recursive: true });
const document = { ...sbom, metadata, components, dependencies };
writeFileSync(here('dist/sbom.cdx.json'), `${JSON.stringify(document, null, 2)}\n`);
