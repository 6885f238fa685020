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

Each input of a check is grown to the largest size that a door lets through, in ${rows.length} rows. Each row is tried with
every shape of test/hostile/time/shapes.ts: one character, two, separators, escapes, brackets, text outside ASCII. The
table shows the worst of them. A check is measured from the bytes of its message to those of its answer, with its line in
the log; nothing is remembered from an earlier one.

- "past Envoy" means that Envoy's defaults do not let it through: 60 KiB of headers in all, 100 headers, and the size of a
  certificate in a TLS handshake. Only somebody who reaches the port without Envoy can send it. Most of its cost is the
  protobuf codec's.
- "valid" is a token that its issuer signed. All other rows show what a stranger can bring about.
- The budget is 20 ms for what Envoy lets through. test/hostile/time/time.test.ts holds every row to it.

Written by \`node test/hostile/time/run.ts --write\` on ${date}: microseconds, the best of up to 25 tries, Node ${node}, on a
virtual machine with ${cores} cores that ran other work at the same time. So the figures are upper bounds.

| door | input | up to | token | µs | worst shape | outcome |
| --- | --- | --- | --- | --- | --- | --- |
${body.join('\n')}
`;
}
