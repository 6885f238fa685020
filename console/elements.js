// Makes elements. Every text becomes a text node, so a name or a path that holds HTML is shown as it is.

/** @returns the element with this id */
export function byId(id) {
  return document.getElementById(id);
}

/** Makes an element. `properties` are attributes; a child is a node or a text. */
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  setAttributes(made, properties);
  made.append(...children);
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
  if (node.textContent !== text) node.textContent = text;
}

/** Shows a list, or hides it if it is empty. */
export function fillList(list, texts) {
  const key = JSON.stringify(texts);
  if (list.dataset.key === key) return;
  list.dataset.key = key;
  list.replaceChildren(...texts.map((text) => element('li', {}, text)));
  list.hidden = texts.length === 0;
}
