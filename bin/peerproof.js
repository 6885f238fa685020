#!/usr/bin/env node
// A clone runs the TypeScript directly. The package and the image hold the output of `npm run build`.
import { existsSync } from 'node:fs';
import module from 'node:module';
import { fileURLToPath } from 'node:url';

if (!process.features.typescript) {
  console.error(
    `peerproof needs Node 22.20, 24.12, 26 or later; this is ${process.version}. In a clone: npm exec -- peerproof`,
  );
  process.exit(2);
}
const source = new URL('../src/main.ts', import.meta.url);
const isClone = existsSync(source);
// Compiled modules are code, so they are kept in the package itself, where only a user who can change its code can write.
// For any other user nothing is kept. The image has its own (tools/trust/compile.sh).
if (!isClone) module.enableCompileCache(fileURLToPath(new URL('../compiled', import.meta.url)));
const { main } = await import(
  isClone ? source.href : new URL('../dist/program/main.js', import.meta.url).href
);
// Connections and timers that are left do not keep the process.
process.exit(await main(process.argv.slice(2)));
