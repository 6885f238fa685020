// Makes elements. Every text becomes a text node, so a name or a path that holds HTML is shown as it is.

/**
 * What hides, or moves what stands beside it, as in src/lib/visible.ts. A line break stays: settings and
 * differences have several lines.
 */
const unclear = /(?! |\n)[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]|(?<=\p{M}{3})\p{M}/gu;

function visible(text) {
  return text.replace(unclear, (one) => `\\u{${one.codePointAt(0).toString(16)}}`);
}

/** @returns the element with this id */
export function byId(id) {
  return document.getElementById(id);
}

/** Makes an element. `properties` are attributes; a child is a node or a text. */
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  setAttributes(made, properties);
  made.append(...children.map((child) => (typeof child === 'string' ? visible(child) : child)));
  return made;
}

/** The same for a part of a drawing. */
export function drawing(name, properties = {}, ...children) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  setAttributes(made, properties);
  made.append(...children);
  return made;
}

function setAttributes(made, properties) {
  for (const [name, value] of Object.entries(properties)) {
    if (value !== undefined) made.setAttribute(name, value);
  }
}

/** Writes a text if it is another one, so that nothing is announced twice. */
export function setText(node, text) {
  const shown = visible(text);
  if (node.textContent !== shown) node.textContent = shown;
}

/** Shows a list, or hides it if it is empty. */
export function fillList(list, texts) {
  const key = JSON.stringify(texts);
  if (list.dataset.key === key) return;
  list.dataset.key = key;
  list.replaceChildren(...texts.map((text) => element('li', {}, text)));
  list.hidden = texts.length === 0;
}
