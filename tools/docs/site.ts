import { existsSync } from 'node:fs';
import { type Page, top } from './pages.ts';

/** A page in the side bar of the site, by its path from the top of the repository. */
type Entry = readonly [text: string, path: string];

/** The side bar: what a reader needs first comes first. A test compares it with the pages that exist. */
export const sideBar: readonly (readonly [title: string, pages: readonly Entry[]])[] = [
  [
    'Learn',
    [
      ['Overview', 'README.md'],
      ['Getting started', 'docs/getting-started.md'],
      ['Concepts and glossary', 'docs/concepts.md'],
    ],
  ],
  [
    'Configure',
    [
      ['Issuers and trust bundles', 'docs/issuers.md'],
      ['Rules and conditions', 'docs/rules.md'],
      ['Proofs', 'docs/proofs.md'],
      ['Delegation', 'docs/delegation.md'],
      ['Token endpoints', 'docs/token-endpoints.md'],
      ['Workload identity tokens', 'docs/wit.md'],
      ['Rules owned by teams', 'docs/teams.md'],
      ['DPoP', 'docs/dpop.md'],
      ['Policy tests', 'docs/policy-tests.md'],
      ['Identity headers', 'docs/identity-headers.md'],
      ['The shared store', 'docs/store.md'],
      ['Metadata of resources', 'docs/resource-metadata.md'],
      ['Internal token', 'docs/internal-token.md'],
      ['Injecting tokens', 'docs/inject.md'],
    ],
  ],
  [
    'Deploy',
    [
      ['Istio', 'docs/deploy/istio.md'],
      ['Istio, ambient mode', 'docs/deploy/ambient.md'],
      ['Kyma', 'docs/deploy/kyma.md'],
      ['Helm', 'docs/deploy/helm.md'],
      ['The image', 'docs/deploy/image.md'],
      ['Envoy Gateway, Gateway API', 'docs/deploy/gateway-api.md'],
      ['Kustomize', 'docs/deploy/kustomize.md'],
      ['Plain Envoy', 'docs/deploy/envoy.md'],
      ['nginx, Caddy, Traefik', 'docs/deploy/nginx-caddy-traefik.md'],
      ['Every proxy compared', 'docs/deploy/doors.md'],
      ['Migrate from oauth2-proxy', 'docs/migrate-oauth2-proxy.md'],
    ],
  ],
  [
    'Operate',
    [
      ['Operations', 'docs/operations.md'],
      ['Revocation', 'docs/revocation.md'],
      ['Traces and metrics over OTLP', 'docs/telemetry.md'],
      ['Console', 'docs/console.md'],
      ['Runbook', 'docs/runbook.md'],
      ['Troubleshooting', 'docs/troubleshooting.md'],
      ['Security', 'SECURITY.md'],
    ],
  ],
  [
    'Look up',
    [
      ['Settings', 'docs/reference/settings.md'],
      ['Reasons', 'docs/reference/reasons.md'],
      ['Commands', 'docs/reference/cli.md'],
      ['Checks of a configuration', 'docs/reference/lints.md'],
      ['Metrics', 'docs/reference/metrics.md'],
      ['Log fields', 'docs/reference/log.md'],
    ],
  ],
  [
    'Judge',
    [
      ['How it is tested', 'docs/assurance.md'],
      ['Suites written elsewhere', 'docs/outside-suites.md'],
      ['CEL conformance', 'docs/cel-conformance.md'],
      ['Cost by input', 'docs/time-per-input.md'],
      ['Benchmarks', 'docs/benchmarks.md'],
      ['Performance', 'docs/performance.md'],
    ],
  ],
  [
    'Take part',
    [
      ['Architecture', 'docs/architecture.md'],
      ['Contributing', 'CONTRIBUTING.md'],
      ['Code of conduct', 'CODE_OF_CONDUCT.md'],
      ['Changelog', 'CHANGELOG.md'],
    ],
  ],
];

const link = /\[((?:`[^`]*`|[^[\]`])*)\]\(([^)\s]+)\)/g;
const fence = /^( *```[\s\S]*?^ *```)$/m;
const picture =
  /<picture>\s*<source media="\(prefers-color-scheme: dark\)" srcset="([^"]+)">\s*<img alt="([^"]+)" src="([^"]+)">\s*<\/picture>/g;

/**
 * A page as the site shows it. Links to pages stay. The site does not hold the other files of the repository, so a link
 * to one becomes its text and its path. A picture follows the switch of the site between light and dark.
 * @throws Error if a link leads to no file. Does not check anchors: `links.ts` does.
 */
export function sitePage({ path, url, text }: Page): { path: string; text: string } {
  const parts = text.split(fence).map((part, index) => (index % 2 === 1 ? part : prose(part, path, url)));
  // Without an outline a page has nothing at its side, so its table may be wider.
  const start = /^## /m.test(text) ? '' : '---\naside: false\n---\n\n';
  return { path: path === 'README.md' ? 'index.md' : path, text: `${start}${parts.join('')}` };
}

function prose(text: string, path: string, page: URL): string {
  return text
    .replace(
      picture,
      '<img class="light-only" alt="$2" src="./$3">\n<img class="dark-only" alt="$2" src="./$1">',
    )
    .replace(link, (whole, label: string, href: string) => {
      if (href.startsWith('#') || /^[a-z]+:/.test(href)) return whole;
      const target = new URL(href, page);
      const file = target.pathname.slice(top.pathname.length);
      if (!existsSync(new URL(file, top))) throw new Error(`${path}: the link ${href} leads nowhere`);
      if (file === 'README.md') return `[${label}](/index.md${target.hash})`;
      if (file.endsWith('.md')) return whole;
      return label.replaceAll('`', '') === file ? `\`${file}\`` : `${label} (\`${file}\`)`;
    });
}
