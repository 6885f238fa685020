/**
 * Makes a test for texts. `*` stands for any characters, also for none. Without a `*` the texts must be
 * equal. Reads a text once, however many stars there are.
 */
export function parseGlob(pattern: string): (text: string) => boolean {
  const [first = '', ...parts] = pattern.split('*');
  const last = parts.pop();
  if (last === undefined) return (text) => text === pattern;
  return (text) => {
    if (!text.startsWith(first)) return false;
    const end = text.length - last.length;
    let at = first.length;
    // The first place is the best one: it leaves the most text for the parts behind it.
    for (const part of parts) {
      const found = text.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return at <= end && text.endsWith(last);
  };
}
