import test from 'ava';
import { DependencyError } from '../../src/core/denial.ts';
import { type Asker, askerFor, type Bulkhead, Bulkheads } from '../../src/sources/bulkhead.ts';

const unknown = (name: string): Asker => ({ name, known: false });
const known = (name: string): Asker => ({ name, known: true });

/** Checks that wait until told to end. */
function room(places: number | (() => number) = 1_000) {
  const bulkheads = new Bulkheads(typeof places === 'number' ? () => places : places);
  const ends: (() => void)[] = [];
  const waits: Promise<unknown>[] = [];
  const enter = (bulkhead: Bulkhead, asker: Asker): boolean => {
    const { promise, resolve } = Promise.withResolvers<void>();
    let began = false;
    const wait = bulkhead.wait(asker, () => {
      began = true;
      return promise;
    });
    wait.catch(() => undefined);
    waits.push(wait);
    if (began) ends.push(resolve);
    return began;
  };
  return {
    bulkheads,
    enter,
    /** As many as find a place. @returns how many */
    flood: (bulkhead: Bulkhead, asker: Asker) => {
      let count = 0;
      while (enter(bulkhead, asker)) count++;
      return count;
    },
    end: async () => {
      for (const one of ends.splice(0)) one();
      await Promise.allSettled(waits.splice(0));
    },
  };
}

test('bulkhead – one sender that floods has a quarter of the places, and the next finds room', (t) => {
  const { bulkheads, flood } = room();
  const corp = bulkheads.of('corp');
  t.is(flood(corp, unknown('junk')), 250);
  t.is(flood(corp, unknown('honest')), 84);
  t.deepEqual(corp.state(), { waiting: 334, refused: 2 });
});

test('bulkhead – an issuer that is flooded by any number of senders leaves room for another issuer', (t) => {
  const { bulkheads, enter, flood } = room();
  const [corp, partner] = [bulkheads.of('corp'), bulkheads.of('partner')];
  for (let n = 0; n < 2_000; n++) while (enter(corp, unknown(`junk-${n}`)));
  t.is(corp.state().waiting, 375);
  t.is(flood(partner, unknown('honest')), 125);
  t.is(flood(partner, known('alice')), 125);
});

test('bulkhead – many senders that flood many issuers leave a quarter to known tokens', (t) => {
  const { bulkheads, enter } = room();
  for (let issuer = 0; issuer < 12; issuer++)
    for (let n = 0; n < 2_000; n++) while (enter(bulkheads.of(`issuer-${issuer}`), unknown(`junk-${n}`)));
  t.false(enter(bulkheads.of('another'), unknown('honest')));
  t.true(enter(bulkheads.of('another'), known('alice')));
  t.true(enter(bulkheads.of('issuer-11'), known('alice')));
});

test('bulkhead – many askers with known tokens leave room for another of the same issuer', (t) => {
  const { bulkheads, enter, flood } = room();
  const corp = bulkheads.of('corp');
  t.is(flood(corp, known('greedy')), 334);
  t.is(flood(corp, known('also')), 111);
  t.true(enter(corp, known('honest')));
});

test('bulkhead – a refusal is overloaded, at once, and names the issuer; nothing begins', async (t) => {
  const { bulkheads, flood } = room(8);
  const corp = bulkheads.of('corp');
  t.is(flood(corp, unknown('junk')), 2);
  const error = (await t.throwsAsync(
    corp.wait(unknown('junk'), () => {
      t.fail('it began');
      return Promise.resolve();
    }),
    { instanceOf: DependencyError },
  )) as DependencyError;
  t.is(error.reason, 'overloaded');
  t.is(error.retryAfter, 1);
  t.regex(error.message, /^2 checks wait for corp, 2 of this sender: /);
});

test('bulkhead – places come back, whatever became of the wait', async (t) => {
  const { bulkheads, flood, end } = room();
  const corp = bulkheads.of('corp');
  for (let round = 0; round < 3; round++) {
    t.is(flood(corp, unknown('junk')), 250);
    await end();
    t.is(corp.state().waiting, 0);
    await t.throwsAsync(corp.wait(unknown('junk'), () => Promise.reject(new TypeError('a bug'))));
  }
  t.deepEqual(corp.state(), { waiting: 0, refused: 3 });
});

test('bulkhead – one place is enough for one check, and a bound that is lowered counts at once', async (t) => {
  let places = 1;
  const { bulkheads, enter, flood, end } = room(() => places);
  t.true(enter(bulkheads.of('corp'), unknown('honest')));
  t.false(enter(bulkheads.of('corp'), unknown('honest')));
  await end();
  places = 1_000;
  t.is(flood(bulkheads.of('corp'), unknown('honest')), 250);
  places = 100;
  t.false(enter(bulkheads.of('partner'), known('alice')));
});

test('bulkhead – all callers without a peer are one sender', (t) => {
  const moment = { now: 0, deadline: 1 };
  t.deepEqual(askerFor(moment), askerFor({ ...moment, sender: undefined }));
  t.notDeepEqual(askerFor(moment), askerFor({ ...moment, sender: 'spiffe://cluster.local/ns/a/sa/b' }));
});
