import { isSeq, parse, parseDocument } from 'yaml';
import { listOf, recordOf } from '../lib/json.ts';
import { change, createPatch } from './json-patch.ts';
import { createManifest, readTemplate } from './manifest.ts';
import { commands } from './mesh-readme.ts';
import type { Report } from './report.ts';
import type { Place, TextFile } from './target.ts';

const template = 'istio/mesh/extension-provider.yaml';
const istio = 'kubectl -n istio-system';

/**
 * The mesh configuration, after a check that the provider can be added to it. Undefined if the report has an
 * error. Istio finds the policies of a provider by the beginning of its name.
 */
export function readMesh(text: string, report: Report): string | undefined {
  const mesh = parseMesh(text);
  if (mesh === undefined) {
    report.fail(`--mesh: must be the output of ${istio} get configmap istio -o jsonpath='{.data.mesh}'`);
    return undefined;
  }
  const { name: ours } = provider();
  const names = listOf(mesh.extensionProviders).map((one) => recordOf(one).name);
  if (names.some((name) => typeof name === 'string' && (name.startsWith(ours) || ours.startsWith(name)))) {
    report.fail(`--mesh: has a provider whose name is ${ours}, or the beginning of it: remove it first`);
    return undefined;
  }
  return text;
}

function parseMesh(text: string) {
  try {
    const document = parseDocument(text, { prettyErrors: false });
    if (document.errors.length > 0) return undefined;
    const mesh = recordOf(document.toJS({ maxAliasCount: 100 }));
    const providers = document.get('extensionProviders');
    return Object.keys(mesh).length > 0 && (providers === undefined || isSeq(providers)) ? mesh : undefined;
  } catch {
    // An unknown alias, too many aliases, or a text that is nested too deeply.
    return undefined;
  }
}

/** The entry of Peerproof in `extensionProviders`. */
function provider() {
  return parse(readTemplate(template)).spec.meshConfig.extensionProviders[0];
}

/** What registers Peerproof. If the mesh configuration is known: a patch of its ConfigMap, and one back. */
export function createRegistration({ mesh }: Place): readonly TextFile[] {
  if (mesh === undefined) return [createManifest(template, 'mesh/extension-provider.yaml')];
  const document = parseDocument(mesh);
  const providers = document.get('extensionProviders');
  if (isSeq(providers)) providers.add(document.createNode(provider()));
  else document.set('extensionProviders', document.createNode([provider()]));
  const changed = document.toString({ lineWidth: 0, indentSeq: false });
  return [
    createPatch('mesh/configmap-patch.yaml', change('/data/mesh', mesh, changed)),
    createPatch('back/configmap-patch.yaml', change('/data/mesh', changed, mesh)),
  ];
}

/** The commands that register it, for the README. */
export function describeRegistration({ mesh }: Place): string {
  const show = `${istio} get configmap istio -o jsonpath='{.data.mesh}'`;
  const shows = 'The last command must show `peerproof-grpc` and the provider of oauth2-proxy.';
  if (mesh !== undefined)
    return `The patch adds one provider to the mesh configuration. It is refused if that has changed since you migrated.

${commands(`${istio} patch configmap istio --type json --patch-file mesh/configmap-patch.yaml`, show)}

${shows} To go back, use \`back/configmap-patch.yaml\`.
`;
  return `Apply \`mesh/extension-provider.yaml\` in the way you installed Istio. With istioctl:

${commands('istioctl install -f your-own-file.yaml -f mesh/extension-provider.yaml', show)}

${shows} \`extensionProviders\` is a list, and a list in a later file replaces it. To get a
patch that keeps the present providers, migrate again with \`--mesh\`.
`;
}
