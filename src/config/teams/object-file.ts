import { parseAllDocuments } from 'yaml';
import { listOf, recordOf } from '../../lib/json.ts';
import { oldestFirst } from '../../sources/rule-object-store.ts';
import { type RuleObject, readRuleObject, ruleObjects } from '../../sources/rule-objects.ts';
import { plainData, readText } from '../document.ts';
import { ConfigError, type Problem } from '../problem.ts';
import { refusing, type TeamHandling } from './handling.ts';

/**
 * How a command treats rules of teams, with the objects in a file: manifests, or what kubectl prints.
 * @param file undefined: there are no objects
 * @throws ConfigError if it cannot be read
 */
export function refusingWith(file: string | undefined): TeamHandling {
  return { ...refusing(), atApiServer: { objects: file === undefined ? [] : readObjectFile(file) } };
}

/** The AuthorizationRules in it, the oldest first. Objects of other kinds are passed over. */
function readObjectFile(file: string): readonly RuleObject[] {
  const problem = (message: string): Problem => ({ file, line: 1, key: '', message });
  const documents = parseAllDocuments(readText(file), { prettyErrors: false, uniqueKeys: false });
  const [mistake] = Array.isArray(documents) ? documents.flatMap(({ errors }) => errors) : [];
  if (mistake) throw new ConfigError([problem(`is not YAML: ${mistake.message.split('\n')[0]}`)]);
  const found = [...documents].flatMap((document) => {
    const value = recordOf(plainData(document, file));
    return value.kind === 'List' || value.kind === `${ruleObjects.kind}List` ? listOf(value.items) : [value];
  });
  const objects = found
    .filter((value) => recordOf(value).kind === ruleObjects.kind)
    .map((value) => {
      const object = readRuleObject(value);
      if (!object)
        throw new ConfigError([problem('has an object without metadata.name or metadata.namespace')]);
      return object;
    });
  return oldestFirst(objects);
}
