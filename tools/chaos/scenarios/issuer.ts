import type { Behaviour } from '../../../test/support/jwks-server.ts';
import type { Scenario } from '../scenario.ts';

/** The issuer of JWTs fails. Its keys are fetched each second; known keys stay in use for a minute. */
const fails = (how: string, behaviour: Behaviour | 'down', failure: RegExp): Scenario => ({
  name: `issuer ${how}`,
  async fault({ world: { issuer } }) {
    if (behaviour === 'down') {
      await issuer.down();
      return issuer.up;
    }
    issuer.behave(issuer.paths.jwks, behaviour);
    return () => issuer.behave(issuer.paths.jwks, { kind: 'ok' });
  },
  // Whether such a key exists is unknown now, so this is an outage and not a bad token.
  during: { unknownKid: [503] },
  // A refresh, and the timeout of the first attempt that fails.
  settle: 3_500,
  lasts: 3_000,
  async observe({ world }) {
    const { status, issuers } = await world.peerproof.readyz();
    const { keys, failure: said = '' } = issuers.corp ?? {};
    return [
      status !== 200 && `/readyz is ${status}`,
      keys !== true && 'the known keys are gone',
      !failure.test(said) && `/readyz says ${JSON.stringify(said)}`,
    ];
  },
  recovers: 6_000,
});

const html = {
  kind: 'body',
  body: '<html><body>maintenance</body></html>',
  contentType: 'text/html',
} as const;

export const issuerScenarios: readonly Scenario[] = [
  fails('down', 'down', /ECONNREFUSED/),
  fails('slow: a byte every 200 ms', { kind: 'drip', everyMs: 200 }, /no answer within 2000 ms/),
  fails('answers text/html', html, /not JSON/),
  fails('answers 500', { kind: 'status', status: 500, body: 'oops' }, /answered 500/),
];
