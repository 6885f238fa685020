import type { Document } from 'yaml';
import { type Amendment, amendDocument, amendWritten, type WrittenYaml } from './amend.ts';
import { type ConfigDocument, createFinder, formatKey, plainData, readYaml } from './document.ts';

/**
 * A configuration that can be changed and tried many times. Its text is written only for the change that is
 * wanted, because that takes as long as reading all of it.
 */
export interface ConfigDraft {
  readonly file: string;
  readonly document: ConfigDocument;
  /**
   * The same configuration with further changes.
   * @throws TypeError if a path leads through something that is neither a list nor a mapping
   * @throws ConfigError if the result cannot be plain data
   */
  amend(amendments: readonly Amendment[]): ConfigDraft;
  /** Its text. Holds exactly what `document` holds. */
  text(): string;
}

/**
 * Reads a text to change it. `file` is for messages.
 * @throws ConfigError if it is not YAML
 */
export function createDraft(text: string, file: string): ConfigDraft {
  const document = readYaml(text, file);
  return draftOf(file, document, createFinder(text, file), () => ({ text, document }));
}

function draftOf(
  file: string,
  yaml: Document,
  problem: ConfigDocument['problem'],
  write: () => WrittenYaml,
): ConfigDraft {
  return {
    file,
    document: { raw: plainData(yaml, file), problem },
    amend(amendments) {
      let written: WrittenYaml | undefined;
      return draftOf(file, amendDocument(yaml, amendments), placeless, () => {
        // Step by step, so that each change keeps the layout that the one before has left.
        written ??= amendWritten(write(), amendments);
        return written;
      });
    },
    text: () => write().text,
  };

  /** A text that is not written has no lines. */
  function placeless(path: readonly PropertyKey[], message: string) {
    return { file, line: 0, key: formatKey(path), message };
  }
}
