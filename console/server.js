import { byId, setText } from './elements.js';

/** Reads JSON of the console. The answer to a wrong question has a `problem`. @throws if there is no answer */
export async function ask(path, options) {
  const response = await fetch(`/console/api/${path}`, { cache: 'no-store', ...options });
  const isJson = response.headers.get('content-type')?.startsWith('application/json');
  if (!isJson) throw new Error((await response.text()).trim() || `status ${response.status}`);
  return response.json();
}

/**
 * Calls `look` again and again while the page is visible, with a pause in milliseconds between two calls.
 * A failure is shown at the top of the page until a call succeeds.
 */
export function again(look, pause) {
  const turn = async () => {
    if (document.visibilityState === 'visible') {
      try {
        await look();
        setText(byId('connection'), '');
      } catch (error) {
        setText(byId('connection'), `Peerproof does not answer (${error.message}). What is shown is old.`);
      }
    }
    setTimeout(turn, pause);
  };
  turn();
}
