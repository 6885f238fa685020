import { istioPaths, judgePaths } from '../../test/outside/paths.ts';
import type { Exception, Judged, Suite } from '../../test/outside/suite.ts';
import { suites } from '../../test/outside/suites.ts';

/** The results of the suites written elsewhere. Generated only if these suites are beside the repository. */
export const outsideFile = new URL('../../docs/outside-suites.md', import.meta.url);

const intro = `# Suites written elsewhere

These suites judge the parsers and verifiers. Other projects wrote them. The vectors are not part of the repository:
the tests in \`test/outside/\` read them from \`../shared/outside\`, and are skipped if that folder does not exist.

A case is a difference if the suite and Peerproof disagree about it. Each difference has a reason below.
The tests fail for a difference without a reason, and for a reason without a difference.

\`npm run docs\` writes this file.`;

/** The whole file. */
export async function outsideSuites(): Promise<string> {
  return `${[intro, ...(await Promise.all(suites.map(section))), paths()].join('\n\n')}\n`;
}

async function section(suite: Suite): Promise<string> {
  const parts = await suite.judge();
  const all = parts.flatMap(({ cases }) => cases);
  const row = (what: string, cases: readonly Judged[]) => [
    what,
    cases.length,
    count(cases, 'accept', 'accept'),
    count(cases, 'refuse', 'refuse'),
    count(cases, 'refuse', 'accept'),
    count(cases, 'accept', 'refuse'),
  ];
  const free = parts.flatMap((part) => (part.free ? [{ what: part.what, ...part.free }] : []));
  return [
    `## ${suite.name}\n\nFrom ${suite.source}. Judged: ${suite.judged}.`,
    table(
      ['', 'cases', 'both accept', 'both refuse', 'only we accept', 'only we refuse'],
      [...parts.map(({ what, cases }) => row(what, cases)), row('all', all)],
    ),
    ...(free.length > 0
      ? [
          'Cases for which the suite accepts both results:',
          table(
            ['', 'accepted', 'refused'],
            free.map(({ what, accepted, refused }) => [what, accepted, refused]),
          ),
        ]
      : []),
    ...reasons(suite.exceptions),
  ].join('\n\n');
}

function count(cases: readonly Judged[], wanted: Judged['expected'], said: Judged['found']): number {
  return cases.filter(({ expected, found }) => expected === wanted && found === said).length;
}

function reasons(exceptions: readonly Exception[]): string[] {
  if (exceptions.length === 0) return ['No difference.'];
  return [
    table(
      ['we', 'because', 'cases'],
      exceptions.map(({ found, why, ids }) => [
        found,
        why,
        `${ids.length}: ${ids.map((id) => `\`${id}\``).join(', ')}`,
      ]),
    ),
  ];
}

function paths(): string {
  const { accepted, refused } = judgePaths();
  return [
    `## Istio's path normalisation\n\nFrom the table of istio/istio's normalisation test (Apache-2.0). Judged: \`normalizePath\`, and the whole way through the
real Envoy. \`test/outside/paths.test.ts\` sends each of the ${istioPaths().length} different paths in four modes of Istio (NONE, BASE, MERGE_SLASHES,
DECODE_AND_MERGE_SLASHES), with the check over gRPC and over HTTP. An allowed request must reach the application with the path that was judged. The table shows
the paths before a proxy normalises them:`,
    table(
      ['', 'paths'],
      [['accepted', accepted], ...[...refused].map(([why, paths]) => [`refused: ${why}`, paths])],
    ),
  ].join('\n\n');
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  return [head, head.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n');
}
