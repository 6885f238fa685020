/**
 * The names of the elements of an XML document, each with its attributes. Throws if it is not well-formed. Reads
 * only what JUnit needs: no comments, no CDATA, no references but the five of XML.
 */
export function readXml(
  xml: string,
): readonly { readonly name: string; readonly attributes: Record<string, string> }[] {
  if (!/^[\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]*$/u.test(xml))
    throw new Error('a character that XML does not have');
  const elements: { name: string; attributes: Record<string, string> }[] = [];
  const open: string[] = [];
  const part = /<(\/?)([a-z]+)((?: [a-z]+="[^"<]*")*)(\/?)>|([^<]+)/gy;
  part.lastIndex = '<?xml version="1.0" encoding="UTF-8"?>'.length;
  while (part.lastIndex < xml.length) {
    const at = part.lastIndex;
    const found = part.exec(xml);
    if (!found) throw new Error(`not XML: ${xml.slice(at, at + 80)}`);
    const [, closes, name = '', attributes = '', isEmpty, text] = found;
    if (text !== undefined) decode(text);
    else if (closes) {
      if (open.pop() !== name) throw new Error(`</${name}> ends another element`);
    } else {
      const pairs = [...attributes.matchAll(/ ([a-z]+)="([^"]*)"/g)];
      elements.push({
        name,
        attributes: Object.fromEntries(pairs.map(([, key, value = '']) => [key, decode(value)])),
      });
      if (!isEmpty) open.push(name);
    }
  }
  if (open.length > 0) throw new Error(`${open.at(-1)} does not end`);
  return elements;
}

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function decode(text: string): string {
  return text.replace(/&(\w*);?/g, (whole, name: string) => {
    const character = entities[name];
    if (character === undefined || !whole.endsWith(';')) throw new Error(`${whole} is not a reference`);
    return character;
  });
}
