import type { RefusalReason } from '../../src/core/reasons.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { type EnvoyCase, read, sends, usual } from './explain-case.ts';
import { nobody } from './explain-world.ts';

/** What issuers say no to, and what they do not say at all. */

const opaque = (token: string, words: RegExp): EnvoyCase =>
  sends(() => ({ who: 'client', path: '/opaque/1', token }), words);

const waits = opaque('wait', /not active/);
const turnedAway = opaque('next', /1 checks wait for opaque[\s\S]*Find out why it is slow/);

export const outageCases = {
  token_review_refused: read(
    { iss: 'https://reviewing.example.com' },
    /token_review_refused – [\s\S]*The detail quotes the API server/,
  ),
  token_inactive: opaque('inactive', /the token is not active[\s\S]*Get a new token/),
  issuer_unavailable: read({ iss: nobody }, /keys of the issuer are missing/),
  api_server_unavailable: read({ iss: 'https://reviewed.example.com' }, /did not answer a TokenReview/),
  api_server_forbidden: read(
    { iss: 'https://forbidden.example.com' },
    /may not create TokenReviews[\s\S]*Grant create on tokenreviews/,
  ),
  introspection_unavailable: opaque('break', /answered 500[\s\S]*introspection endpoint did not answer/),
  deadline_exceeded: {
    // The issuer is asked for a key that it does not have yet.
    async ask(mesh) {
      const { behave, paths } = mesh.issuer;
      behave(paths.jwks, { kind: 'hang' });
      const token = mesh.mint({}, {}, createSigner('ES256'));
      const answer = await mesh.send(usual, { who: 'client', path: '/orders/7', token });
      behave(paths.jwks, { kind: 'ok' });
      return answer;
    },
    words: /did not answer in time[\s\S]*raise the timeout of the proxy/,
  },
  overloaded: {
    ...turnedAway,
    // One check may wait, and this one does.
    async ask(mesh) {
      const asked = mesh.standIns.nextQuestion();
      const waiting = waits.ask(mesh);
      const goOn = await asked;
      const answer = await turnedAway.ask(mesh);
      goOn();
      await waiting;
      return answer;
    },
  },
} satisfies Partial<Record<RefusalReason, EnvoyCase>>;
