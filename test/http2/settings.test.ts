import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { openDoor } from '../grpc/door-world.ts';
import { Attacker } from '../hostile/wire/attacker.ts';
import { preface, settingIds, settings } from '../hostile/wire/frames.ts';
import { serve } from '../http/server-world.ts';
import { waitFor } from '../support/wait.ts';

const start = Buffer.concat([preface, settings()]);
const change = settings([[settingIds.initialWindowSize, 65_535]]);
const many = (count: number) => Buffer.concat(Array.from({ length: count }, () => change));

for (const [door, open] of [
  ['gRPC', openDoor],
  ['HTTP', (t: Parameters<typeof serve>[0]) => serve(t, () => ({ status: 200, headers: [], body: '' }))],
] as const) {
  test(`HTTP/2 settings – 90 in each second are accepted at the ${door} door`, async (t) => {
    const client = new Attacker((await open(t)).port);
    t.teardown(() => client.close());
    await client.say(start);
    for (let second = 0; second < 3; second++) {
      await client.say(many(90));
      await sleep(1_100);
    }
    t.true(client.open);
  });

  test(`HTTP/2 settings – a connection with hundreds at once ends at the ${door} door`, async (t) => {
    const client = new Attacker((await open(t)).port);
    t.teardown(() => client.close());
    await client.say(Buffer.concat([start, many(300)]));
    await waitFor('the end of the connection', 10_000, () => !client.open);
    t.pass();
  });
}
