import { randomUUID } from 'node:crypto';
import { encodePart } from '../../../test/support/jwt-signer.ts';
import { mintFor } from '../callers.ts';
import { askDirectly, checkOf } from '../direct.ts';
import type { Scenario, Stage } from '../scenario.ts';
import { PUBLIC, type WorldOptions } from '../world.ts';

/** One issuer hangs or is slow, and callers without a peer send junk for it. Other callers must not be affected. */

/** The number of checks without a certificate that wait at the same time: as many as may wait in total. */
const strangers = 1_000;

const world: WorldOptions = {
  config: (_parts, usual) => ({
    ...usual,
    rules: [{ name: 'public', match: { paths: [PUBLIC] }, public: true }, ...usual.rules],
  }),
};

/** Sends junk, each time with another token. @returns a function that ends it */
function junk(
  { world: { peerproof }, note }: Stage,
  token: () => string,
  inFlight = strangers,
): () => Promise<void> {
  let isOver = false;
  const sent = askDirectly(
    peerproof.grpcPort,
    Number.POSITIVE_INFINITY,
    () => checkOf(token(), '/orders'),
    () => isOver,
    { inFlight, pause: 2_000 },
  );
  return async () => {
    isOver = true;
    const { codes } = await sent;
    const count = [...codes.values()].reduce((sum, one) => sum + one, 0);
    note(`${count} checks of strangers with junk beside it`);
    if (codes.has(0) || codes.has(-1)) throw new Error(`answers by code: ${JSON.stringify([...codes])}`);
  };
}

/** The metrics of the bulkhead of an issuer. */
async function isFull({ world: { peerproof }, note }: Stage, issuer: string) {
  const waiting = await peerproof.metric(`peerproof_checks_waiting{issuer="${issuer}"}`);
  const shed = await peerproof.metric(`peerproof_checks_shed_total{issuer="${issuer}"}`);
  note(`${waiting} checks waited for ${issuer}, ${shed} had found no place`);
  return [
    waiting > strangers / 2 && `${waiting} checks wait for ${issuer}`,
    shed === 0 && 'no check found the bulkhead full',
  ];
}

const hangingKeys: Scenario = {
  name: `issuer hangs (JWKS), and ${strangers} checks of strangers at a time with unknown kids`,
  alone: true,
  world,
  also: ['public', 'freshOpaque'],
  fault(stage) {
    const { issuer } = stage.world;
    issuer.behave(issuer.paths.jwks, { kind: 'hang' });
    // The signature is never checked, so it need not be valid.
    const [, payload, signature] = mintFor(stage.world)().split('.');
    const end = junk(stage, () =>
      [encodePart({ alg: 'ES256', kid: randomUUID() }), payload, signature].join('.'),
    );
    return async () => {
      issuer.behave(issuer.paths.jwks, { kind: 'ok' });
      await end();
    };
  },
  during: { unknownKid: [503] },
  settle: 3_500,
  lasts: 6_000,
  observe: (stage) => isFull(stage, 'corp'),
  recovers: 6_000,
};

const hangingIntrospection: Scenario = {
  name: `introspection hangs, and ${strangers} checks of strangers at a time with junk`,
  alone: true,
  world,
  also: ['public'],
  fault(stage) {
    const { introspector } = stage.world;
    introspector.behave({ kind: 'hang' });
    const end = junk(stage, () => `junk-${randomUUID()}`);
    return async () => {
      introspector.behave({ kind: 'ok' });
      await end();
    };
  },
  during: { opaque: [503], inactive: [503] },
  settle: 1_500,
  lasts: 6_000,
  observe: (stage) => isFull(stage, 'opaque'),
  recovers: 9_000,
};

const slowIntrospection: Scenario = {
  name: `introspection takes 0.9 s, and strangers and a peer flood it with junk`,
  alone: true,
  world: {
    // A slow answer is not an outage, even on a slow machine.
    config: async (parts, usual) => {
      const common = await world.config?.(parts, usual);
      const { issuers = {}, ...more } = common ?? usual;
      const opaque = { ...issuers.opaque, timeout: '4s' };
      return { ...more, issuers: { ...issuers, opaque }, limits: { checkTimeout: '6s' } };
    },
  },
  also: ['public', 'freshOpaque'],
  // Of the sender whose new tokens must pass: its own junk would be first in its own queue.
  without: ['inactive'],
  fault(stage) {
    const { world, load } = stage;
    world.introspector.behave({ kind: 'late', ms: 900 });
    const end = junk(stage, () => `junk-${randomUUID()}`, 300);
    // Forty a second of another peer, through Envoy.
    const timer = setInterval(() => {
      for (const listener of ['closed', 'open'] as const)
        void load.send('inactive', listener, { who: 'thief', token: `junk-${randomUUID()}` });
    }, 50);
    return async () => {
      clearInterval(timer);
      world.introspector.behave({ kind: 'ok' });
      await end();
    };
  },
  // Only checks of the flood are refused. Valid new tokens pass.
  during: { inactive: [401, 503] },
  lasts: 8_000,
  async observe(stage) {
    const times = stage.load.samples
      .filter(({ kind, status }) => kind === 'freshOpaque' && status === 200)
      .map(({ ms }) => ms);
    stage.note(
      `${times.length} new good tokens of that issuer passed, within ${Math.round(Math.max(...times))} ms`,
    );
    return [
      times.length < 5 && `only ${times.length} new good tokens passed`,
      ...(await isFull(stage, 'opaque')),
    ];
  },
  recovers: 5_000,
};

export const bulkheadScenarios: readonly Scenario[] = [hangingKeys, hangingIntrospection, slowIntrospection];
