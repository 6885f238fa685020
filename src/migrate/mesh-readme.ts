import type { Place } from './target.ts';

const fence = '```';

/** A block of commands. */
export function commands(...lines: readonly string[]): string {
  return [`${fence}sh`, ...lines, fence].join('\n');
}

/** A README.md of a folder for a mesh. */
export interface Readme {
  readonly title: string;
  /** What becomes of oauth2-proxy. */
  readonly stays?: string;
  /** Flags of `validate`, because the configuration names files that only a pod has. */
  readonly validate?: string;
  /** They come after the first one, which starts Peerproof. Each has a heading, and ends with a line end. */
  readonly steps: readonly string[];
}

export function writeReadme(readme: Readme, place: Place): string {
  const {
    title,
    stays = 'oauth2-proxy stays installed until the last application has moved.',
    steps,
  } = readme;
  return [
    `# ${title}

Read \`report.md\` first. Then run the commands in this folder, in this order.
${stays}
The applications are in: ${place.namespaces.join(', ')}.
`,
    runStep(readme, place),
    ...steps,
    changeStep,
  ].join('\n');
}

function runStep({ validate = '' }: Readme, { image }: Place): string {
  const apply = [`peerproof validate --config peerproof.yaml${validate}`, 'kubectl apply -f manifests/'];
  const status = 'kubectl -n peerproof rollout status deployment/peerproof';
  if (image !== undefined)
    return `## 1. Run Peerproof

${commands(...apply, status)}
`;
  const example = 'registry.example.com/peerproof:1.0.0';
  return `## 1. Run Peerproof

Build an image with the Dockerfile of Peerproof, push it, and write its name into the third command:

${commands(...apply, `kubectl -n peerproof set image deployment/peerproof peerproof=${example}`, status)}
`;
}

/** How to see what Peerproof decides. */
export const lookAtAnswers = `Without a token the answer is 401, with a token it is 200. This shows why:

${commands('kubectl -n peerproof logs -l app.kubernetes.io/name=peerproof -c peerproof --tail=20')}`;

const changeStep = `## After a change of peerproof.yaml

${commands(
  'kubectl -n peerproof create configmap peerproof --from-file=peerproof.yaml \\',
  '  --dry-run=client -o yaml | kubectl apply -f -',
)}
`;
