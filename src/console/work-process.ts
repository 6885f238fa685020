import { readFileSync, writeFileSync, writeSync } from 'node:fs';
import { deserialize } from 'node:v8';
import { Malformed } from '../lib/malformed.ts';
import { doJob, type Job } from './jobs.ts';

/** The process that `Apart` starts. Its input is a job as V8 serializes it, its output the answer as JSON. */
const [input, output] = [0, 1];
endFirst();
const bytes = Buffer.from(JSON.stringify(await answerTo(deserialize(readFileSync(input)))));
for (let at = 0; at < bytes.length; ) at += writeSync(output, bytes, at);

async function answerTo(job: Job): Promise<{ readonly answer: unknown } | { readonly problem: string }> {
  try {
    const answer = await doJob(job);
    return answer instanceof Malformed ? { problem: answer.why } : { answer };
  } catch (error) {
    return { problem: String(error instanceof Error ? error.message : error) };
  }
}

/**
 * If the memory of a machine is used up, the kernel ends this process, and not the one that answers checks. A
 * container may end as a whole, so `Apart` also bounds the heap.
 */
function endFirst(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', '1000');
  } catch {
    // This is not Linux, or it is not permitted.
  }
}
