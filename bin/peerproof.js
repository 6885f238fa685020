#!/usr/bin/env node
// In a clone the TypeScript itself runs; the package and the image hold what `npm run build` made of it.
import { existsSync } from 'node:fs';

if (!process.features.typescript) {
  console.error(
    `peerproof needs Node 22.20, 24.12, 26 or later; this is ${process.version}. In a clone: npm exec -- peerproof`,
  );
  process.exit(2);
}
const source = new URL('../src/main.ts', import.meta.url);
const { main } = await import(
  existsSync(source) ? source.href : new URL('../dist/main.js', import.meta.url).href
);
// Ends also where a write to a reader who stopped is still under way.
process.exit(await main(process.argv.slice(2)));
