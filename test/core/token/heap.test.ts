import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import test from 'ava';

const program = fileURLToPath(new URL('large-tokens.ts', import.meta.url));

test('heap – 3,000 different tokens, each as large as may be and sent twice, are verified in a heap of 192 MB', async (t) => {
  const child = spawn(process.execPath, ['--max-old-space-size=192', '--no-warnings', program], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 200_000,
  });
  let out = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
  const code = await new Promise((resolve) => child.once('close', resolve));
  t.is(code, 0, out.slice(0, 500));
  t.deepEqual(JSON.parse(out), { allowed: 3_000, cached: 1, refused: 'token_malformed' });
});
