import test from 'ava';
import { parseConfig } from '../../src/config/load.ts';
import type { Decision } from '../../src/core/decision.ts';
import type { Evidence } from '../../src/core/evidence.ts';
import { evidenceOf } from '../../src/grpc/check-request.ts';
import { decodeCheckRequest } from '../../src/grpc/decode-request.ts';
import { type UnreadHeaders, unreadHeaders } from '../../src/grpc/unread-headers.ts';
import { createDecisionLog } from '../../src/operate/decision-log.ts';
import { unreadBy } from '../../src/serve/unread-by.ts';
import { checkCodec } from '../support/check-wire.ts';
import { type CheckWorld, createCheckWorld } from '../support/check-world.ts';
import { seededRandom } from '../support/seeded-random.ts';
import type { Input, WorldName } from './case.ts';
import { checkRequestOf, type View, viewsOf } from './check.ts';
import { casesOf } from './corpus.ts';
import { openStage } from './stage.ts';

/** Every attack twice: with all headers, and without those that the door passes over. */

const { fixture, configs, stop } = await openStage();
const random = seededRandom(31);
const unreadNames = [...unreadHeaders(() => false).keys()];

interface Pair {
  readonly all: CheckWorld;
  readonly fewer: CheckWorld;
  readonly unread: UnreadHeaders;
}

const pairs = {} as Record<WorldName, Pair>;
for (const [name, config] of Object.entries(configs))
  pairs[name as WorldName] = {
    all: await createCheckWorld(config, { now: fixture.now }),
    fewer: await createCheckWorld(config, { now: fixture.now }),
    unread: unreadBy(parseConfig(JSON.stringify(config), 'test.yaml')),
  };
test.after.always(async () => {
  for (const { all, fewer } of Object.values(pairs)) for (const world of [all, fewer]) world.stop();
  await stop();
});

/** The line but for its time and what differs between any two checks. Which of two deadlines ends an outage first does. */
const lines: string[] = [];
const write = createDecisionLog({ write: (line) => void lines.push(line) });
function lineOf(decision: Decision, evidence: Evidence): object {
  write(decision, evidence, 'grpc', 0, fixture.now);
  const { time, decision_id, detail, ...line } = JSON.parse(lines.pop() as string);
  return line.effect === 'unavailable' ? line : { ...line, detail };
}

function bytesOf(input: Input, view: View): Buffer {
  if (input.bytes) return input.bytes;
  const request = checkRequestOf(input, view, fixture);
  const http = request.attributes?.request?.http;
  if (!http?.headers) return checkCodec.requestSerialize(request);
  const more = unreadNames
    .filter(() => random.integer(2) === 0)
    .map((name) => [name, random.integer(9) === 0 ? 'x'.repeat(random.integer(9_000)) : random.text(20)]);
  const headers = { ...Object.fromEntries(more), ...http.headers };
  return checkCodec.requestSerialize({
    attributes: { ...request.attributes, request: { http: { ...http, headers } } },
  });
}

/** The same evidence. It writes down the headers that are read by their name. */
function watched(evidence: Evidence, read: Set<string>): Evidence {
  if (!evidence.request) return evidence;
  const headers = new Proxy(evidence.request.headers, {
    get: (all, name) => {
      read.add(String(name));
      return all[String(name)];
    },
  });
  return { ...evidence, request: { ...evidence.request, headers } };
}

for (const { title, one } of casesOf())
  if (!one.unread)
    test.serial(`unread headers – ${title}: the same decision and line without them`, async (t) => {
      const { all, fewer, unread } = pairs[one.world ?? 'main'];
      const input = one.send(fixture);
      for (const view of viewsOf(one)) {
        const bytes = bytesOf(input, view);
        const read = new Set<string>();
        const whole = watched(evidenceOf(decodeCheckRequest(bytes)), read);
        const short = evidenceOf(decodeCheckRequest(bytes, unread));
        const [expected, decision] = await Promise.all([
          all.decide(whole, 'grpc', Number.POSITIVE_INFINITY),
          fewer.decide(short, 'grpc', Number.POSITIVE_INFINITY),
        ]);
        t.deepEqual(lineOf(decision, short), lineOf(expected, whole), view);
        t.deepEqual('identity' in decision && decision.identity, 'identity' in expected && expected.identity);
        t.deepEqual(
          unreadNames.filter((name) => read.has(name)),
          [],
          view,
        );
      }
    });
