import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { LoadedConfig } from '../config/load.ts';
import { largestAnswer, pollEvents } from '../events/poll-events.ts';
import { takeTurns } from '../events/poll-turn.ts';
import { openPushDoor, type PushDoor, type PushingTransmitter } from '../events/push-door.ts';
import {
  createReceiver,
  type EventResult,
  eventResults,
  type ReceiveEvent,
} from '../events/receive-event.ts';
import { seenHere, seenInStore } from '../events/seen-events.ts';
import { addEventMetrics } from '../operate/event-metrics.ts';
import { cut } from '../operate/json-line.ts';
import type { Bulkheads } from '../sources/bulkhead.ts';
import { HttpClient } from '../sources/http-client.ts';
import type { SharedStore } from '../sources/redis/shared-store.ts';
import { openRevocationFile } from '../sources/revocation/revocation-file.ts';
import type { RevocationStore } from '../sources/revocation/revocation-store.ts';
import { shareRevocations } from '../sources/revocation/shared-revocations.ts';
import type { Generation } from './generation.ts';
import { readTls } from './read-tls.ts';
import { createTransmitter, type RunningTransmitter } from './transmitter-keys.ts';

export interface RunningEventsOptions {
  readonly clock: () => number;
  readonly log: Logger;
  readonly registry: Registry;
  readonly bulkheads: Bulkheads;
  readonly store: SharedStore | undefined;
  readonly report: (what: 'keys' | 'bundle', of: string, failure: string | undefined) => void;
  /** The configuration in force. */
  readonly running: () => Generation;
}

/** Takes the security events of transmitters. Belongs to the process, and follows its configuration. */
export interface RunningEvents {
  /** Opens the port of the first configuration, if it has one. @throws if it cannot be listened on */
  open(): Promise<{ readonly port: number } | undefined>;
  /** Uses the transmitters of the configuration in force. Resolves when their keys were tried once. */
  adopt(): Promise<void>;
  stop(): Promise<void>;
}

/** So much of the memory transmitters can fill. The rest is for people. */
const shareOfEvents = 0.8;

export function createRunningEvents(options: RunningEventsOptions): RunningEvents {
  const { clock, log, registry, bulkheads, store: shared, report, running } = options;
  const count = addEventMetrics(registry);
  const seen = shared ? seenInStore(shared) : seenHere();
  const receive: ReceiveEvent = createReceiver({
    ...{ store: storeInForce(), seen, clock, ended },
    onRevoked: () => running().revocations?.look(),
  });
  let transmitters: ReadonlyMap<string, RunningTransmitter> = new Map();
  let pushing: ReadonlyMap<string, PushingTransmitter> = new Map();
  let door: PushDoor | undefined;
  const polling = new Map<string, { stop(): void }>();
  const failing = new Set<string>();
  return {
    async open() {
      const { loaded } = running();
      const { events } = loaded.config.listen;
      if (!events) return undefined;
      const tls = readTls(loaded.config.revocation?.tls, loaded);
      door = await openPushDoor({ ...events, tls, receive, transmitters: () => pushing });
      return door;
    },
    async adopt() {
      const { loaded } = running();
      const tls = readTls(loaded.config.revocation?.tls, loaded);
      if (tls) door?.replaceCertificate(tls);
      const before = transmitters;
      transmitters = transmittersOf(before);
      pushing = new Map(
        [...transmitters].flatMap(([name, { transmitter, token, config }]) =>
          config.poll === undefined && token !== '' ? [[`/${name}`, { transmitter, token }] as const] : [],
        ),
      );
      for (const [name, one] of before) if (transmitters.get(name) !== one) end(name, one);
      const fresh = [...transmitters].filter(([name, one]) => before.get(name) !== one);
      // A series that begins with its first failure would hide that failure from `rate`.
      for (const [name] of fresh) for (const result of eventResults) count(name, result, 0);
      const begin = async ([name, one]: readonly [string, RunningTransmitter]) => {
        await one.keys.start();
        // Only now, because the first tokens would find no keys.
        if (transmitters.get(name) === one) beginToPoll(name, one, loaded);
      };
      await Promise.all(fresh.map(begin));
    },
    async stop() {
      for (const [name, one] of transmitters) end(name, one);
      transmitters = new Map();
      await door?.close();
    },
  };

  function transmittersOf(before: ReadonlyMap<string, RunningTransmitter>): Map<string, RunningTransmitter> {
    const { loaded, issuers } = running();
    const { revocation } = loaded.config;
    const iss = new Map(
      issuers.flatMap(({ issuer }) => (issuer.iss === undefined ? [] : [[issuer.name, issuer.iss] as const])),
    );
    const context = {
      ...{ files: loaded.files, resolve: loaded.resolve, clock, bulkheads },
      report: (name: string, failure: string | undefined) => report('keys', `transmitter ${name}`, failure),
    };
    return new Map(
      Object.entries(revocation?.transmitters ?? {}).map(([name, config]) => {
        const common = { keep: revocation?.keep ?? 0, iss };
        return [name, createTransmitter(name, config, common, context, before.get(name))] as const;
      }),
    );
  }

  function beginToPoll(name: string, one: RunningTransmitter, { files }: LoadedConfig): void {
    const { transmitter, token, config } = one;
    if (config.poll === undefined || token === '') return;
    const { ca, timeout } = config;
    const caPem = ca === undefined ? undefined : files.get(ca);
    const client = new HttpClient({ ca: caPem, timeout, maxBytes: largestAnswer, maxSockets: 1 });
    const polls = pollEvents({
      ...{ transmitter, token, receive, url: new URL(config.poll) },
      send: (url, request) => client.send(url, request),
      mayPoll: shared ? takeTurns(shared, name) : async () => true,
      report: (failure) => reportPoll(name, failure),
    });
    polling.set(name, {
      stop() {
        polls.stop();
        client.close();
      },
    });
    void polls.start();
  }

  function end(name: string, { keys }: RunningTransmitter): void {
    keys.stop();
    polling.get(name)?.stop();
    polling.delete(name);
    failing.delete(name);
  }

  function reportPoll(transmitter: string, failure: string | undefined): void {
    const isNews = failing.has(transmitter) !== (failure !== undefined);
    if (failure === undefined) failing.delete(transmitter);
    else failing.add(transmitter);
    if (!isNews) return;
    if (failure === undefined)
      log.info({ event: 'transmitter_available', transmitter }, 'a transmitter answers again');
    else
      log.warn(
        { event: 'transmitter_unavailable', transmitter, failure: cut(failure) },
        'the security events of a transmitter cannot be fetched',
      );
  }

  /** Where revocations are kept now: a reload can name another file. */
  function storeInForce(): RevocationStore {
    const now = (): RevocationStore => {
      const { config, resolve } = running().loaded;
      const { file, memory = 0 } = config.revocation ?? {};
      if (file !== undefined)
        return openRevocationFile(resolve(file), clock, { memory: () => memory, share: shareOfEvents });
      if (!shared) throw new Error('a restart is needed, so that the store is opened');
      return shareRevocations(shared, () => shareOfEvents * memory);
    };
    return {
      add: async (entries) => now().add(entries),
      undo: async (names) => now().undo(names),
      list: async () => now().list(),
    };
  }

  function ended(transmitter: string, result: EventResult, why: string | undefined): void {
    count(transmitter, result, 1);
    if (result === 'revoked')
      log.info({ event: 'security_event', transmitter }, 'a transmitter has revoked tokens');
    const failure = cut(why);
    if (result === 'refused')
      log.warn({ event: 'security_event_refused', transmitter, failure }, 'a security event was refused');
    if (result === 'failed')
      log.warn(
        { event: 'security_event_failed', transmitter, failure },
        'a security event could not be kept, and has to be sent again',
      );
  }
}
