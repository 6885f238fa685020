import type { Measured } from './run.ts';

/** The document about a run. */
export function timeTable(
  rows: readonly Measured[],
  { cores, node, date }: { cores: number; node: string; date: string },
): string {
  const body = rows.map(
    ({ door, input, upTo, token, microseconds, shape, reason }) =>
      `| ${door} | ${input} | ${upTo} | ${token} | ${Math.ceil(microseconds)} | ${shape.replaceAll('|', '\\|')} | \`${reason}\` |`,
  );
  return `# What one check costs, by input

Each input of a check has the largest size that a door accepts, in ${rows.length} rows. Each row is tried with
every shape of test/hostile/time/shapes.ts: one character, two characters, separators, escapes, brackets, text outside ASCII. The
table shows the worst of them. The time of a check runs from the bytes of its message to those of its answer, and includes its line in
the log. Nothing is cached from an earlier check.

- "past Envoy" means that Envoy does not let it through by default: it accepts 60 KiB of headers in all, 100 headers, and a
  certificate that fits into a TLS handshake. Only a client that reaches the port without Envoy can send it.
- "valid" is a token that its issuer signed. All other rows show what a caller without a valid token can cause.
- The limit is 20 ms for what Envoy lets through. test/hostile/time/time.test.ts fails if a row takes longer.

Written by \`node test/hostile/time/run.ts --write\` on ${date}: microseconds, the best of up to 25 tries, Node ${node}, on a
virtual machine with ${cores} cores that ran other work at the same time. So the figures are upper bounds.

| door | input | up to | token | µs | worst shape | outcome |
| --- | --- | --- | --- | --- | --- | --- |
${body.join('\n')}
`;
}
