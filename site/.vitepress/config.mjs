import { defineConfig } from 'vitepress';

// Node reads these as they are. A static import would go through the bundler of VitePress, which is older than the
// language of this repository.
const tools = new URL('../../tools/docs/', import.meta.url);
const { anchorOf } = await import(new URL('links.ts', tools).href);
const { sideBar } = await import(new URL('site.ts', tools).href);

const icon =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path fill="#0969da" d="M8 1 2 3v5c0 4 6 7 6 7s6-3 6-7V3z"/></svg>';

export default defineConfig({
  lang: 'en-US',
  title: 'Peerproof',
  description: 'Envoy external authorization that proves a token belongs to the workload that sends it',
  head: [['link', { rel: 'icon', href: `data:image/svg+xml,${encodeURIComponent(icon)}` }]],
  srcDir: 'pages',
  outDir: 'dist',
  cacheDir: 'node_modules/.vitepress',
  markdown: {
    // These two would give a meaning to texts that have none on GitHub.
    attrs: { disable: true },
    emoji: { enabled: [] },
    // The same anchors as on GitHub, which `npm run docs:check` checks.
    anchor: { slugify: anchorOf },
  },
  themeConfig: {
    nav: [
      { text: 'Getting started', link: '/docs/getting-started' },
      { text: 'Settings', link: '/docs/reference/settings' },
      { text: 'Troubleshooting', link: '/docs/troubleshooting' },
    ],
    sidebar: sideBar.map(([text, pages]) => ({
      text,
      items: pages.map(([title, path]) => ({
        text: title,
        link: path === 'README.md' ? '/' : `/${path.replace(/\.md$/, '')}`,
      })),
    })),
    outline: { level: [2, 3] },
    search: { provider: 'local' },
  },
});
