import { refusedForms } from '../../src/core/policy/condition/forms.ts';
import { exceptions } from '../../test/core/policy/conformance/exceptions.ts';
import { type Result, results } from '../../test/core/policy/conformance/results.ts';

export const celConformanceFile = new URL('../../docs/cel-conformance.md', import.meta.url);

/** The results of the conformance suite of CEL, section by section, and everything that is refused. */
export function celConformance(): string {
  return `# How conditions fare in the conformance suite of CEL

<!-- Written by \`npm run docs\`. -->

Each case of the suite (\`@bufbuild/cel-spec\` 0.6.1, Apache-2.0, with the cases of Google's cel-spec v0.25.1) is read as a
condition. Peerproof either refuses it when the configuration is loaded, or must give the value or the error that the
suite asks for. Variables, and what a case hides with \`dyn(…)\`, become claims. \`test/core/policy/conformance/\` runs it; a new
exception fails the tests.

| section | cases | right | refused at load | exceptions |
| --- | --- | --- | --- | --- |
${sectionRows().join('\n')}

## Why cases are refused

| reason | cases |
| --- | --- |
${countedRows(results.filter(({ outcome }) => outcome === 'refused').map(({ detail }) => detail)).join('\n')}

## Forms that are refused because the library gets them wrong

Conditions are evaluated by \`@marcbachmann/cel-js\`. For some values of these forms it gives a wrong answer, or no error.
Where a function is concerned, Peerproof has its own instead: \`int()\`, \`double()\` and \`contains()\`.

| form | what its author is told | cases that show it |
| --- | --- | --- |
${Object.values(refusedForms)
  .map(({ form, why, shownBy }) => row(form, why, shownBy.map((name) => `\`${name}\``).join(', ')))
  .join('\n')}

## Exceptions

| case | what comes out | why that is right here |
| --- | --- | --- |
${results
  .filter(({ outcome }) => outcome === 'wrong')
  .map(({ given, detail }) => row(`\`${given.name}\``, detail, exceptions[given.name] ?? 'not explained'))
  .join('\n')}

## Why this library

Measured in November 2026 with Node 26, over conditions and facts as a rule has them. Of 1,076 cases without protocol
buffers and extensions, by themselves, without what Peerproof refuses:

| | \`@marcbachmann/cel-js\` 8.0.0 | \`@bufbuild/cel\` 0.6.1 |
| --- | --- | --- |
| wrong values, missed errors | 14, 23 | 0, 1 |
| one evaluation of a typical condition | 0.6 to 4 µs | 1.1 to 14 µs |
| 2,500 comparisons in two loops | 0.20 ms | 0.68 ms |
| to load | 20 to 27 ms of CPU, 9 MB | 107 to 149 ms of CPU, 29 MB |
| on the disk, with what it needs | 0.3 MB | 11 MB |
| types checked at load, with line and column | yes | not yet: its checker knows constants and names only |

A condition whose types do not fit must fail when it is loaded, not deny every request; so the library stays that can say
so. It is also the faster one. What it gets wrong is refused; what is left is answered as the suite has it.

One thing the suite does not ask: \`x in map\` is false where \`x\` is a list, a map or null; \`@bufbuild/cel\`
calls it an error.
`;
}

function sectionRows(): string[] {
  const sections = [...new Set(results.map(({ given }) => given.section))];
  const rows = sections.map((name) =>
    countedRow(
      name,
      results.filter(({ given }) => given.section === name),
    ),
  );
  return [...rows, countedRow('**all**', results)];
}

function countedRow(name: string, among: readonly Result[]): string {
  const count = (wanted: Result['outcome']) =>
    String(among.filter(({ outcome }) => outcome === wanted).length);
  return row(name, String(among.length), count('right'), count('refused'), count('wrong'));
}

function countedRows(names: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a).map(([name, count]) => row(name, String(count)));
}

function row(...cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
