/** Up to this length an engine searches in linear time: its tables cover the whole text. */
const shortEnough = 200;

/**
 * Whether a text contains another, in linear time (Knuth, Morris and Pratt). `String.prototype.includes` can
 * take the product: 30,000 characters in 60,000, all the same letter, take 130 ms.
 */
export function holds(text: string, part: string): boolean {
  if (part.length <= shortEnough) return text.includes(part);
  if (part.length > text.length) return false;
  const borders = computeBorders(part);
  let matched = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    while (matched > 0 && part.charCodeAt(matched) !== unit) matched = borders[matched - 1] ?? 0;
    if (part.charCodeAt(matched) === unit) matched++;
    if (matched === part.length) return true;
  }
  return false;
}

/** For each prefix: the length of the longest shorter prefix that it also ends with. */
function computeBorders(part: string): Int32Array {
  const borders = new Int32Array(part.length);
  let border = 0;
  for (let at = 1; at < part.length; at++) {
    const unit = part.charCodeAt(at);
    while (border > 0 && part.charCodeAt(border) !== unit) border = borders[border - 1] ?? 0;
    if (part.charCodeAt(border) === unit) border++;
    borders[at] = border;
  }
  return borders;
}
