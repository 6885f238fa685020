import type { ApiRule } from './api-rules.ts';
import { change, createPatch } from './json-patch.ts';
import type { Place, TextFile } from './target.ts';

const ours = 'peerproof-http';

/**
 * The patches of the APIRules, to Peerproof and back. If the APIRules are not known, they are for the first rule
 * of any.
 */
export function createSwitches({ apiRules, authorizer }: Place): readonly TextFile[] {
  if (!apiRules) {
    const rules = [{ index: 0, authorizers: [authorizer] }];
    return [
      switchRules('protect/switch.yaml', rules, authorizer, ours),
      switchRules('back/switch.yaml', rules, ours, authorizer),
    ];
  }
  return apiRules.flatMap((rule) => {
    const switched = rule.rules.map(({ index, authorizers }) => ({
      index,
      authorizers: authorizers.map((one) => (one === authorizer ? ours : one)),
    }));
    return [
      switchRules(pathOf('protect', rule), rule.rules, authorizer, ours),
      switchRules(pathOf('back', rule), switched, ours, authorizer),
    ];
  });
}

function switchRules(path: string, rules: ApiRule['rules'], from: string, to: string): TextFile {
  const steps = rules.flatMap(({ index, authorizers }) => {
    const changed = authorizers.map((one) => (one === from ? to : one));
    return change(`/spec/rules/${index}/extAuth/authorizers`, authorizers, changed);
  });
  return createPatch(path, steps);
}

/** The commands that switch, for the README. */
export function switchCommands({ apiRules, namespaces }: Place): readonly string[] {
  if (apiRules)
    return apiRules.map(
      (rule) =>
        `kubectl -n ${rule.namespace} patch apirule ${rule.name} ${patchFrom(pathOf('protect', rule))}`,
    );
  const kubectl = `kubectl -n ${namespaces[0]}`;
  return [`${kubectl} get apirules`, `${kubectl} patch apirule orders ${patchFrom('protect/switch.yaml')}`];
}

const patchFrom = (file: string) => `--type json --patch-file ${file}`;

/** What to know before, and how to go back. */
export function switchNotes({ apiRules }: Place): { readonly before: string; readonly back: string } {
  if (apiRules)
    return {
      before: 'Each command switches all rules of one APIRule that asked oauth2-proxy.',
      back: 'the same command with the file of the same name in `back/`',
    };
  return {
    before: [
      'The patch changes the first rule of an APIRule.',
      'To get a patch for every rule of every APIRule, migrate again with `--apirules`.',
    ].join(' '),
    back: 'the same command with `back/switch.yaml`',
  };
}

function pathOf(folder: 'protect' | 'back', { namespace, name }: ApiRule): string {
  return `${folder}/${namespace}/${name}.yaml`;
}
