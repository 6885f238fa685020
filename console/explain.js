import { byId, setText } from './elements.js';
import { showExplanation } from './explanation.js';
import { ask } from './server.js';

const fields = ['decision', 'method', 'host', 'path', 'token', 'certificate'];
const input = (name) => byId(`explain-${name}`);

/** @returns a function that explains a line of the decision log */
export function startExplain() {
  const run = async () => {
    const asked = Object.fromEntries(fields.map((name) => [name, input(name).value]));
    setText(byId('explain-status'), 'Peerproof is looking. A large configuration takes some seconds.');
    byId('explain-submit').disabled = true;
    try {
      const answer = await ask('explain', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(asked),
      });
      byId('explanation').hidden = answer.problem !== undefined;
      setText(byId('explain-status'), answer.problem ?? '');
      if (answer.problem !== undefined) return;
      showExplanation(answer);
      byId('explanation').focus();
    } catch (error) {
      setText(byId('explain-status'), `There is no answer: ${error.message}`);
    } finally {
      byId('explain-submit').disabled = false;
    }
  };
  byId('explain-form').addEventListener('submit', (event) => {
    event.preventDefault();
    run();
  });
  return (line) => {
    for (const name of fields) input(name).value = name === 'decision' ? line : '';
    byId('explain').scrollIntoView();
    run();
  };
}
