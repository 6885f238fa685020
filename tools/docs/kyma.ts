import { presets } from '../../src/core/identity/presets.ts';

/** The authorizer that a Kyma user registers, with two lists of header names that follow from the code. */
export const istioCr = new URL('../../istio/kyma/mesh/istio-cr.yaml', import.meta.url);

const managed = Object.keys(presets['oauth2-proxy']);

/** The entries of the YAML lists between `# generated: NAME` and `# end`. */
const lists: Readonly<Record<string, readonly string[]>> = {
  /** Envoy copies only listed headers. If one is missing, the application receives the header of the client. */
  onAllow: managed,
  /**
   * Of a managed header a client can send spellings that mix `-` and `_`. Only those that are seen can be removed, and
   * Envoy shows what is listed: the beginnings of all spellings. With a single `-` there is nothing to mix.
   */
  spellings: [
    ...new Set(
      managed
        .map((name) => name.split('-'))
        .filter((words) => words.length > 2)
        .flatMap(([first, second]) => [`${first}-${second}*`, `${first}_${second}*`]),
    ),
  ],
};

/**
 * The text of `istio-cr.yaml` with both lists as the code has them; everything outside the marks is unchanged.
 * @throws if a mark is missing or names no list, so that a mark is not removed by mistake
 */
export function withGeneratedLists(text: string): string {
  const missing = new Set(Object.keys(lists));
  const result = text.replace(
    /^( *)# generated: (\w+)\n[\s\S]*?^ *# end$/gm,
    (_, indent: string, name: string) => {
      const entries = lists[name];
      if (!entries) throw new Error(`unknown list ${name}`);
      missing.delete(name);
      return [
        `# generated: ${name}`,
        ...entries.map((entry) => `- ${/^[\w-]+$/.test(entry) ? entry : JSON.stringify(entry)}`),
        '# end',
      ]
        .map((line) => indent + line)
        .join('\n');
    },
  );
  if (missing.size > 0) throw new Error(`no marks for ${[...missing].join(', ')}`);
  return result;
}
