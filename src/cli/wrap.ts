/** Columns of a text for a terminal. */
const widest = 100;

/** A text in lines, broken between words. Each line after the first begins with so many spaces. */
export function wrap(text: string, indent = 0): string {
  return text
    .split('\n')
    .map((line) => wrapLine(line, indent))
    .join('\n');
}

/** A word that is longer than a line stays whole. */
function wrapLine(line: string, indent: number): string {
  const lines: string[] = [];
  let current = '';
  for (const word of line.split(' ')) {
    if (current !== '' && indent + current.length + 1 + word.length > widest) {
      lines.push(current);
      current = word;
    } else current = current === '' ? word : `${current} ${word}`;
  }
  return [...lines, current].join(`\n${' '.repeat(indent)}`);
}
