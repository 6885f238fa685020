import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { publishedSchema } from '../config/json-schema.ts';
import { configSchema } from '../config/schema.ts';

const schemaFile = 'peerproof.schema.json';

/**
 * Writes the configuration, and beside it the schema that its first line names for editors. Never replaces a
 * file: a schema that is there stays. @returns the names of the files that were written
 * @throws an error of the file system: EEXIST if there is such a configuration
 */
export function writeFiles(file: string, text: string): readonly string[] {
  writeFileSync(file, text, { flag: 'wx' });
  const schema = join(dirname(file), schemaFile);
  try {
    writeFileSync(schema, publishedSchema(schemaFile, configSchema), { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return [file];
  }
  return [file, schema];
}
