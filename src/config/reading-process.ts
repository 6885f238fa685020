import { readFileSync, writeSync } from 'node:fs';
import { serialize } from 'node:v8';
import { createSharing } from '../lib/share.ts';
import { place, readPlainData } from './document.ts';
import { ConfigError } from './problem.ts';
import type { ReadingAnswer, TextOfFile } from './read-apart.ts';

/**
 * The process that `readAllApart` starts. Its input is a list of texts with the names of their files, its
 * output the list of answers.
 */
const [input, output] = [0, 1];
// V8 writes a shared object once, so the answers are small, and so is what is made of them.
const share = createSharing();
const texts = JSON.parse(readFileSync(input, 'utf8')) as readonly TextOfFile[];
const answers = serialize(texts.map(read));
for (let at = 0; at < answers.length; ) at += writeSync(output, answers, at);

function read(wanted: TextOfFile): ReadingAnswer {
  const { text, file } = wanted;
  try {
    if (wanted.unplaced) return place(wanted);
    return { raw: share(readPlainData(text, file)) };
  } catch (error) {
    if (error instanceof ConfigError) return { problems: error.problems };
    throw error;
  }
}
