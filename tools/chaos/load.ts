import { type Answer, type Client, openClient } from '../../test/support/client.ts';
import { kinds as allKinds, type Call, type Caller, createCallers, type Kind } from './callers.ts';
import type { World } from './world.ts';

export const listeners = ['closed', 'open'] as const;

/** One request and its result. Times are those of `performance.now()`. */
export interface Sample {
  readonly kind: Kind;
  readonly listener: (typeof listeners)[number];
  readonly began: number;
  readonly ms: number;
  /** 0: no answer. */
  readonly status: number;
  /**
   * How it reached the application, if it did: rightly, with the identity of its caller; wrongly, with another identity from
   * Peerproof; or without Peerproof, by Envoy alone.
   */
  readonly letIn?: 'rightly' | 'wrongly' | 'unasked';
  /** The text of a refusal, or why there was no answer. */
  readonly detail?: string;
}

/** The most requests a second: enough to hit each phase of a fault, and little work. */
const everyMs = 10;
/** With more unanswered requests, one is skipped: waiting requests must not become a flood. */
const mostOpen = 96;
const deadlineMs = 12_000;
/** Every request claims the identity of another caller. */
const FORGED = 'forged-by-the-caller';

/** Steady requests of every kind through both listeners, from `start` to `stop`. */
export class Load {
  readonly samples: Sample[] = [];
  readonly #callers: Readonly<Record<Kind, Caller>>;
  readonly #clients = new Map<string, Client>();
  readonly #open = new Set<Promise<void>>();
  readonly #world: World;
  #timer: NodeJS.Timeout | undefined;
  #turn = 0;

  /** The callers, in turn. */
  readonly kinds: readonly Kind[];

  constructor(world: World, without: readonly Kind[] = [], also: readonly Kind[] = []) {
    this.kinds = [...allKinds.filter((kind) => !without.includes(kind)), ...also];
    this.#world = world;
    this.#callers = createCallers(world);
  }

  start(): void {
    this.#timer = setInterval(() => {
      if (this.#open.size >= mostOpen) return;
      const turn = this.#turn++;
      const kind = this.kinds[turn % this.kinds.length] as Kind;
      const listener = listeners[Math.floor(turn / this.kinds.length) % 2] as Sample['listener'];
      void this.send(kind, listener);
    }, everyMs);
  }

  /** Waits until every request was answered. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#open);
    for (const client of this.#clients.values()) client.close();
  }

  /** The expected answer without a fault. */
  usual(kind: Kind): number {
    return this.#callers[kind].usual;
  }

  /** One request; counted like the others. */
  async send(
    kind: Kind,
    listener: Sample['listener'],
    call: Call = this.#callers[kind].call(),
  ): Promise<Sample> {
    const sent = this.#send(kind, listener, call);
    const open = sent.then(() => undefined);
    this.#open.add(open);
    const sample = await sent;
    this.#open.delete(open);
    this.samples.push(sample);
    return sample;
  }

  async #send(
    kind: Kind,
    listener: Sample['listener'],
    { who, token, path = '/orders' }: Call,
  ): Promise<Sample> {
    const began = performance.now();
    const common = () => ({ kind, listener, began, ms: performance.now() - began });
    try {
      const answer = await this.#client(listener, who).request({
        path,
        headers: [
          ...(token === undefined ? [] : [['authorization', `Bearer ${token}`] as const]),
          ['x-auth-request-user', FORGED],
        ],
        deadlineMs,
      });
      const { status } = answer;
      if (status !== 200) return { ...common(), status, detail: answer.body.slice(0, 200) };
      return { ...common(), status, letIn: howLetIn(answer, this.#callers[kind].subject) };
    } catch (error) {
      return { ...common(), status: 0, detail: String((error as Error).message) };
    }
  }

  #client(listener: Sample['listener'], who: Call['who']): Client {
    const name = `${listener} ${who}`;
    const known = this.#clients.get(name);
    if (known) return known;
    const { certPem, keyPem } = this.#world.who[who];
    const tls = { caPem: this.#world.ca.certPem, certPem, keyPem };
    const client = openClient({ port: this.#world.envoy.port(listener), tls }, 48);
    this.#clients.set(name, client);
    return client;
  }
}

/** Decided by what the application saw: only Peerproof removes the headers of the caller, and sets a subject. */
function howLetIn(answer: Answer, subject: string | undefined): NonNullable<Sample['letIn']> {
  if (answer.body.includes(FORGED)) return 'unasked';
  const seen = (answer.json().headers as [string, string][])
    .filter(([name]) => name === 'x-auth-request-user')
    .map(([, value]) => value);
  if (subject === '') return seen.length === 0 ? 'rightly' : 'wrongly';
  return subject !== undefined && seen.length === 1 && seen[0] === subject ? 'rightly' : 'wrongly';
}
