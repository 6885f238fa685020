import test, { type ExecutionContext } from 'ava';
import { envoyUnavailableReason, findEnvoy } from './envoy-binary.ts';

/** Whether there is an Envoy to test with. With `CI=true` its absence is an error and no skip. */
export const hasEnvoy = (await findEnvoy()) !== undefined;
if (!hasEnvoy) console.warn(`SKIPPED: no Envoy on this machine: ${envoyUnavailableReason()}`);

/** A test that needs the real Envoy. */
export const envoyTest = hasEnvoy ? test.serial : test.serial.skip;

/** Stands in the query of every request that a mesh sends: it must never be seen again in a log. */
export const QUERY_SECRET = 'query-secret-4711';

/** Asserts that no line holds a token, a part of one, a certificate, or what stood in a query. */
export function assertDiscreet(
  t: ExecutionContext,
  lines: readonly string[],
  tokens: readonly string[],
): void {
  t.true(lines.length > 0);
  const text = lines.join('\n');
  t.false(text.includes(QUERY_SECRET), 'a query is in the log');
  t.false(/CERTIFICATE-----|BEGIN%20|PRIVATE KEY/.test(text), 'a certificate or key is in the log');
  for (const token of tokens)
    for (const part of token.split('.')) {
      // A header is no secret, and short parts of malformed tokens could be anything.
      if (part.length < 24 || part === token.split('.')[0]) continue;
      t.false(text.includes(part), 'a part of a token is in the log');
    }
}
