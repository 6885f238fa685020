import test from 'ava';
import { EventLoop } from '../../src/operate/event-loop.ts';
import { summarizeReadiness } from '../../src/operate/readiness.ts';
import type { IssuerState } from '../../src/operate/states.ts';

type Asked = NonNullable<IssuerState['asked']>;

const configuration = { version: 'v', loadedAt: 0, reloads: 0, failures: 0, failure: undefined };

const quiet = { missing: [], holdsBack: false };

/** What `/readyz` says about an issuer that is asked about each token. */
function readinessOf(asked: Pick<Asked, 'open' | 'failure'>) {
  const state: IssuerState = {
    ...{
      issuer: 'corp',
      iss: 'https://corp',
      knownFor: 1,
      keys: false,
      keyAge: undefined,
      maxKeyAge: undefined,
      answered: true,
    },
    ...{ fetches: 0, failures: 0, failingSince: undefined },
    asked: { asked: 1, failures: 1, underWay: 0, mostUnderWay: 64, ...asked },
    bulkhead: { waiting: 0, refused: 0 },
    ...{ reason: asked.failure === undefined ? '' : 'introspection_unavailable', failure: asked.failure },
  };
  const dependencies = { issuers: [state], bundles: [] };
  return summarizeReadiness('serving', dependencies, configuration, new EventLoop(), quiet, []).issuers.corp;
}

test('readiness – an issuer whose last answer was a failure does not answer, also before the breaker opens', (t) => {
  t.deepEqual(readinessOf({ open: false, failure: 'answered 500' }), {
    answers: false,
    reason: 'introspection_unavailable',
    failure: 'answered 500',
  });
});

test('readiness – an issuer answers after a good answer, and not while its breaker is open', (t) => {
  t.deepEqual(readinessOf({ open: false, failure: undefined }), { answers: true });
  t.deepEqual(readinessOf({ open: true, failure: undefined }), { answers: false });
});
