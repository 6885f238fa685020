import type { Document } from 'yaml';
import { type Amendment, amendDocument, amendWritten, type WrittenYaml } from './amend.ts';
import { type ConfigDocument, createFinder, formatKey, plainData, readYaml } from './document.ts';
import { refusing, type TeamHandling } from './teams/handling.ts';

/**
 * A configuration that can be changed and tried many times. Its text is written only for the change that is
 * wanted, because that takes as long as reading all of it.
 */
export interface ConfigDraft {
  readonly file: string;
  readonly document: ConfigDocument;
  /** The texts of teams that were changed. */
  readonly teams: TeamHandling;
  /**
   * The same configuration with further changes.
   * @throws TypeError if a path leads through something that is neither a list nor a mapping
   * @throws ConfigError if the result cannot be plain data
   */
  amend(amendments: readonly Amendment[]): ConfigDraft;
  /** The same configuration with another text of a team. `file` is its file. */
  amendTeam(file: string, text: string): ConfigDraft;
  /** Its text. Holds exactly what `document` holds. */
  text(): string;
}

/**
 * Reads a text to change it. `file` is for messages.
 * @param teams how its rules of teams are treated
 * @throws ConfigError if it is not YAML
 */
export function createDraft(text: string, file: string, teams = refusing()): ConfigDraft {
  const document = readYaml(text, file);
  return draftOf(file, document, createFinder(text, file), () => ({ text, document }), teams);
}

function draftOf(
  file: string,
  yaml: Document,
  problem: ConfigDocument['problem'],
  write: () => WrittenYaml,
  teams: TeamHandling,
): ConfigDraft {
  const draft: ConfigDraft = {
    ...{ file, teams },
    document: { raw: plainData(yaml, file), problem },
    amend(amendments) {
      let written: WrittenYaml | undefined;
      const writeAmended = () => {
        // Step by step, so that each change keeps the layout that the one before has left.
        written ??= amendWritten(write(), amendments);
        return written;
      };
      return draftOf(file, amendDocument(yaml, amendments), placeless, writeAmended, teams);
    },
    amendTeam: (ofTeam, text) => ({
      ...draft,
      teams: { ...teams, texts: new Map([...(teams.texts ?? []), [ofTeam, text]]) },
    }),
    text: () => write().text,
  };
  return draft;

  /** A text that is not written has no lines. */
  function placeless(path: readonly PropertyKey[], message: string) {
    return { file, line: 0, key: formatKey(path), message };
  }
}
