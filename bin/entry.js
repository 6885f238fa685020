// The entry point of the image: runs peerproof.js with the settings of V8 that fit the processors of this container
// (docs/performance.md). It needs no shell, so the image needs none. The settings that always hold are in the Dockerfile.
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

// On one processor, the helper threads of V8 take it from the thread that answers checks. V8 reads this setting only at its
// start, so the process becomes a new Node. Its number stays the same.
const setting = '--single-threaded';
if (!process.execArgv.includes(setting) && isOneProcessor()) {
  const [node, ...rest] = process.argv;
  process.execve(node, [node, setting, ...process.execArgv, ...rest], process.env);
}
await import('./peerproof.js');

function isOneProcessor() {
  if (availableParallelism() === 1) return true;
  // The quota and its period in microseconds (cgroup v2). Without a quota the first word is `max`, which is no number.
  const [quota, period] = readQuota().split(' ').map(Number);
  return quota < 2 * period;
}

function readQuota() {
  try {
    return readFileSync('/sys/fs/cgroup/cpu.max', 'utf8');
  } catch {
    return 'max';
  }
}
