import { readFileSync, writeSync } from 'node:fs';
import { serialize } from 'node:v8';
import { createSharing } from '../lib/share.ts';
import { readPlainData } from './document.ts';
import { ConfigError } from './problem.ts';
import type { ReadingAnswer } from './read-apart.ts';

/**
 * The process that `readApart` starts. Its input is the text, its argument the name of the file, its output
 * the answer.
 */
const [input, output] = [0, 1];
const answer = serialize(read(readFileSync(input, 'utf8'), process.argv[2] ?? ''));
for (let at = 0; at < answer.length; ) at += writeSync(output, answer, at);

function read(text: string, file: string): ReadingAnswer {
  try {
    // V8 writes a shared object once, so the answer is small, and so is what is made of it.
    return { raw: createSharing()(readPlainData(text, file)) };
  } catch (error) {
    if (error instanceof ConfigError) return { problems: error.problems };
    throw error;
  }
}
