import { presets } from '../../src/core/identity/presets.ts';

/** The authorizer that a Kyma user registers, with two lists of header names that follow from the code. */
export const istioCr = new URL('../../istio/kyma/mesh/istio-cr.yaml', import.meta.url);

const managed = Object.keys(presets['oauth2-proxy']);

/** What stands between `# generated: NAME` and `# end`, one entry of a YAML list each. */
const lists: Readonly<Record<string, readonly string[]>> = {
  /** Envoy copies no header that is not named, and one that is set is not removed: a gap lets the client's own through. */
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
 * The text of `istio-cr.yaml` with both lists as the code has them; everything outside of the marks stays as it is.
 * @throws where a mark is missing or names no list, so that nobody removes one by mistake.
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
