import { decisionRows } from './decision-row.js';
import { byId, fillList, setText } from './elements.js';

/** Decisions on the page, and decisions that wait while it is paused. */
const most = 200;
/** Milliseconds between two announcements of the number. */
const announceEvery = 5_000;
/** Milliseconds until a stream that was refused is asked for again. */
const retryAfter = 5_000;

/** Shows decisions as they are made. @param explain called with a line */
export function startDecisions(explain) {
  const rows = byId('decisions-rows');
  const shown = new Map();
  let waiting = [];
  let stream;
  let isPaused = false;
  let left = 0;

  const show = (lines) => {
    for (const line of lines) {
      if (shown.has(line.decision_id)) continue;
      const made = decisionRows(line, explain);
      shown.set(line.decision_id, made);
      rows.prepend(...made);
    }
    for (const [id, made] of shown) {
      if (shown.size <= most) break;
      shown.delete(id);
      for (const row of made) row.remove();
    }
  };
  const announce = () => {
    const paused = isPaused ? `Paused, ${waiting.length} more wait. ` : '';
    const lost = left > 0 ? ` ${left} lines were left out.` : '';
    const none =
      shown.size === 0 ? 'No decision was made since the page was opened.' : `${shown.size} decisions.`;
    setText(byId('decisions-count'), paused + none + lost);
  };
  const connect = () => {
    stream?.close();
    const path = `/console/api/decisions?filter=${encodeURIComponent(byId('decisions-filter').value)}`;
    const opened = new EventSource(path);
    stream = opened;
    opened.addEventListener('message', ({ data }) => {
      const { lines, left: more } = JSON.parse(data);
      left += more;
      if (isPaused) waiting = [...waiting, ...lines].slice(-most);
      else show(lines);
      if (shown.size <= lines.length) announce();
    });
    opened.addEventListener('open', () => setText(byId('decisions-problem'), ''));
    opened.addEventListener('error', async () => {
      // The browser tries again by itself, unless the answer was no stream.
      if (opened.readyState !== EventSource.CLOSED || stream !== opened) return;
      await tellProblem(path);
      setTimeout(() => {
        if (stream === opened && document.visibilityState === 'visible') connect();
      }, retryAfter);
    });
  };

  byId('decisions-form').addEventListener('submit', (event) => {
    event.preventDefault();
    shown.clear();
    waiting = [];
    left = 0;
    rows.replaceChildren();
    connect();
    announce();
  });
  byId('decisions-pause').addEventListener('click', ({ currentTarget }) => {
    isPaused = !isPaused;
    currentTarget.setAttribute('aria-pressed', String(isPaused));
    if (!isPaused) show(waiting.splice(0));
    announce();
  });
  // Nothing is sent to a page that nobody sees.
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') connect();
    else stream?.close();
  });
  connect();
  announce();
  setInterval(announce, announceEvery);
}

/** A stream that is refused does not tell why, so the same is asked once more. */
async function tellProblem(path) {
  const stop = new AbortController();
  try {
    const response = await fetch(path, { signal: stop.signal });
    if (!response.ok) setText(byId('decisions-problem'), (await response.text()).trim());
    stop.abort();
  } catch {
    setText(byId('decisions-problem'), 'The decisions cannot be read.');
  }
}

export function showLogNotes(notes) {
  fillList(byId('decisions-notes'), notes);
}
