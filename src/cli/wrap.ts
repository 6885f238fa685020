/** Columns of a usual terminal. */
const widest = 80;

/** A text in lines, broken between words. Each line after the first begins with so many spaces. */
export function wrap(text: string, indent = 0): string {
  return text
    .split('\n')
    .map((line) => fill(line.split(' '), indent))
    .join('\n');
}

/** A usage line, broken between options: `[--config FILE]` stays whole. */
export function wrapUsage(line: string, indent: number): string {
  return fill(line.match(/\[[^\]]*\](?:\.\.\.)?|\([^)]*\)|'[^']*'|[^\s[('][^\s]*/g) ?? [line], indent);
}

/** A part that is longer than a line stays whole. */
function fill(parts: readonly string[], indent: number): string {
  const lines: string[] = [];
  let current = '';
  for (const part of parts) {
    if (current !== '' && indent + current.length + 1 + part.length > widest) {
      lines.push(current);
      current = part;
    } else current = current === '' ? part : `${current} ${part}`;
  }
  return [...lines, current].join(`\n${' '.repeat(indent)}`);
}
