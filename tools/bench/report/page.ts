import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chart } from './chart.ts';
import { type Circumstances, sections } from './report.ts';
import type { Results } from './results.ts';

const docs = fileURLToPath(new URL('../../../docs/', import.meta.url));

/** Writes docs/benchmarks.md and its chart. Every figure is of this run. */
export function writePage(results: Results, circumstances: Circumstances): void {
  writeFileSync(`${docs}assets/benchmarks.svg`, chart(results));
  writeFileSync(
    `${docs}benchmarks.md`,
    `${[intro, ...sections(results, circumstances), outro].join('\n\n')}\n`,
  );
}

const intro = `# Benchmarks

\`npm run bench\` measures what a check costs. Each check carries a token that is bound to a certificate, the decision log and
the metrics are on, and every answer is compared with the right one. Machines differ, so compare the ratios. They are about the
checks for one CPU second of the server, which another load on the machine changes least.

![Checks for one CPU second of the server, by row](assets/benchmarks.svg)

This page is written by \`npm run bench -- --write\`.

## One run`;

const outro = `## What the rows are

- A *floor* is a server that is as fast as its library allows. \`grpc-js\` and \`node:http\` answer at once, without a look at the
  check. \`node:http2\` reads the token and the certificate, knows both from before, and compares the thumbprint.
- *Known tokens* were verified by an earlier check. Peerproof checks time, audience, type and binding again.
- *New tokens* come in turn, and each is forgotten before it comes again: every check verifies a signature. The certificates are
  known. The decision log confirmed both for every check.
- *Stolen tokens* are valid tokens with the certificate of another workload.
- *KiB a check* is what V8 allocates on its heap.
- *Open loop* sends at a rate of its own, half of what Peerproof answers at most, whatever comes back. A latency begins when
  the check is due. *Sent late* is the part of it that the generator itself was held up for.
- *Start*: the package runs by its own command, and the image by its entry point with the settings of V8. Both have compiled modules
  from an earlier start.

\`npm exec -- peerproof serve --workers auto\` uses every core. [What one check costs, by input](time-per-input.md) has the worst
inputs. \`npm run bench -- --help\` lists the options: other commits, other servers, one row alone.`;
