#!/usr/bin/env node
// A clone runs the TypeScript directly. The package and the image hold the output of `npm run build`.
import { existsSync } from 'node:fs';

if (!process.features.typescript) {
  console.error(
    `peerproof needs Node 22.20, 24.12, 26 or later; this is ${process.version}. In a clone: npm exec -- peerproof`,
  );
  process.exit(2);
}
const source = new URL('../src/main.ts', import.meta.url);
const { main } = await import(
  existsSync(source) ? source.href : new URL('../dist/program/main.js', import.meta.url).href
);
// Connections and timers that are left do not keep the process.
process.exit(await main(process.argv.slice(2)));
