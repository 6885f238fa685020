import { element } from './elements.js';

/**
 * Shows rows of cells. A cell is a text, or `{text, kind}` with a class. The first one names its row. Rows that
 * did not change stay, so that a reader keeps its place.
 */
export function fillRows(body, rows, empty) {
  const key = JSON.stringify(rows);
  if (body.dataset.key === key) return;
  body.dataset.key = key;
  if (rows.length > 0) body.replaceChildren(...rows.map(rowOf));
  else body.replaceChildren(element('tr', {}, element('td', { colspan: '10' }, empty)));
}

function rowOf(cells) {
  return element(
    'tr',
    {},
    ...cells.map((cell, index) => {
      const { text = cell, kind } = Object(cell) === cell ? cell : {};
      return element(index === 0 ? 'th' : 'td', { class: kind, ...(index === 0 && { scope: 'row' }) }, text);
    }),
  );
}
