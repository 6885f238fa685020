/** `npm run image`: builds the image of the last commit into an OCI layout. Its help says more. */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildImage } from './build.ts';
import { execute } from './execute.ts';
import { type Architecture, architectures } from './platforms.ts';

const help = `npm run image -- DIRECTORY [--platform linux/amd64]... [--base LAYOUT] [--source URL]

Builds the image of the last commit into DIRECTORY, as an OCI layout. It needs neither an engine nor root, but git, tar, gzip
and, without --base, the apt of Debian. The same commit gives the same digest.

  --platform linux/amd64 or linux/arm64; both, if none is named
  --base     a layout with the base image that the Dockerfile pins, instead of a few packages of Debian
  --source   the URL of the repository, for the label org.opencontainers.image.source
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    platform: { type: 'string', multiple: true },
    base: { type: 'string' },
    source: { type: 'string', default: '' },
    help: { type: 'boolean' },
  },
});
const [layout, ...more] = positionals;
const chosen = values.platform?.map((name) => name.replace('linux/', '')) ?? architectures;

if (values.help) console.log(help);
else if (layout === undefined || more.length > 0 || !chosen.every(isArchitecture)) {
  console.error(help);
  process.exitCode = 2;
} else await run(layout, chosen);

function isArchitecture(name: string): name is Architecture {
  return (architectures as readonly string[]).includes(name);
}

async function run(directory: string, wanted: readonly Architecture[]): Promise<void> {
  const top = fileURLToPath(new URL('../..', import.meta.url));
  const changed = await execute('git', ['-C', top, 'status', '--porcelain']);
  if (changed) console.warn('Changes that are not committed are not in the image.');
  const { base, source } = values;
  const built = await buildImage({ top, layout: directory, architectures: wanted, base, source });
  for (const { architecture, manifest, bytes } of built.images)
    console.log(`linux/${architecture} ${manifest.digest} ${(bytes / 2 ** 20).toFixed(1)} MiB compressed`);
  console.log(`${directory}:${built.version} ${built.digest}`);
}
