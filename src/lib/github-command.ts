/**
 * A workflow command of GitHub Actions, which becomes an annotation:
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands. It stands on one line,
 * whatever the texts hold. Escapes as the toolkit of GitHub does (`@actions/core`, command.ts). Does **not**
 * replace what a terminal obeys.
 */
export function githubCommand(
  level: string,
  properties: Readonly<Record<string, string | number>>,
  message: string,
): string {
  const list = Object.entries(properties).map(([name, value]) => `${name}=${property(String(value))}`);
  return `::${level} ${list.join(',')}::${data(message)}`;
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
