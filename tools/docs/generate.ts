/**
 * Writes what is derived from the source: the tables between `<!-- generated: NAME -->` marks in every Markdown file, the
 * JSON Schemas of the configurations and of policy tests, the lists in the Kyma manifest, the rules for the Prometheus
 * Operator, the dashboard, the values of the Helm chart, the Kustomize files, the pictures of the proofs, and the results of the conformance suites.
 * `--check` writes nothing. It fails if a file differs, if a link leads nowhere, or if Peerproof does not accept a code block.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { publishedSchema } from '../../src/config/json-schema.ts';
import { configSchema } from '../../src/config/schema.ts';
import { teamSchema } from '../../src/config/teams/team-schema.ts';
import { injectSchema } from '../../src/inject/schema.ts';
import { policyTestSchema } from '../../src/policy-test/schema.ts';
import { absence, hasVectors } from '../../test/outside/vectors.ts';
import { findKubectlLayer, kubectlLayerUnavailableReason } from '../../test/support/kubectl-layer.ts';
import { kustomizeFiles } from '../chart/kustomize.ts';
import { chartFiles } from '../chart/write.ts';
import { celConformance, celConformanceFile } from './cel-conformance.ts';
import { brokenBlocks } from './code-blocks.ts';
import { dashboard, dashboardFile } from './dashboard.ts';
import { istioCr, withGeneratedLists } from './kyma.ts';
import { brokenLinks } from './links.ts';
import { outsideFile, outsideSuites } from './outside.ts';
import { readPages, top } from './pages.ts';
import { proofPictures } from './proofs.ts';
import { prometheusRule, prometheusRuleFile } from './runbook.ts';
import { withSections } from './sections.ts';

const schemas = [
  ['peerproof.schema.json', configSchema],
  ['peerproof-inject.schema.json', injectSchema],
  ['peerproof-test.schema.json', policyTestSchema],
  ['peerproof-team.schema.json', teamSchema],
] as const;

const generated: [URL, string][] = [
  ...readPages()
    .filter(({ text }) => text.includes('<!-- generated: '))
    .map(({ url, path, text }): [URL, string] => [url, withSections(text, path)]),
  ...schemas.map(([file, schema]): [URL, string] => [new URL(file, top), publishedSchema(file, schema)]),
  [dashboardFile, dashboard()],
  [prometheusRuleFile, prometheusRule()],
  [istioCr, withGeneratedLists(readFileSync(istioCr, 'utf8'))],
  [celConformanceFile, celConformance()],
  ...chartFiles(),
  ...proofPictures(),
];
// Without the suites the results cannot be written again, so the committed file stays.
if (hasVectors) generated.push([outsideFile, await outsideSuites()]);
else console.warn(`SKIPPED: docs/outside-suites.md was not checked. ${absence}`);

const isWriting = process.argv.includes('--write');
if (isWriting) write(generated);

// Helm renders these from the chart, so they come after its files.
const programs = await findKubectlLayer();
if (programs) {
  const rendered = await kustomizeFiles(programs.helm);
  if (isWriting) write(rendered);
  generated.push(...rendered);
} else {
  const what = isWriting ? 'written' : 'checked';
  console.warn(`SKIPPED: kustomize/ was not ${what}. There is no helm: ${kubectlLayerUnavailableReason()}`);
}

const pages = readPages();
const problems = [
  ...generated
    .filter(([url, text]) => !existsSync(url) || readFileSync(url, 'utf8') !== text)
    .map(([url]) => `${url.pathname.slice(top.pathname.length)}: differs from the source; run npm run docs`),
  ...brokenLinks(pages),
  ...brokenBlocks(pages),
];
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;

function write(files: readonly (readonly [URL, string])[]): void {
  for (const [url, text] of files) {
    mkdirSync(new URL('.', url), { recursive: true });
    writeFileSync(url, text);
  }
}
