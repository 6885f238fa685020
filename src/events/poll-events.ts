import { EventRefusal, type Transmitter } from '../core/revocation/transmitter.ts';
import { largestEvent } from '../core/revocation/verify-event.ts';
import { isRecord, type JsonObject, parseJson, recordOf } from '../lib/json.ts';
import { type OutboundResponse, urlForLog } from '../sources/http-client.ts';
import type { ReceiveEvent } from './receive-event.ts';

export interface PollOptions {
  readonly transmitter: Transmitter;
  readonly url: URL;
  /** The bearer token that is shown. */
  readonly token: string;
  readonly receive: ReceiveEvent;
  /** Sends one request, bounded in time and size. Rejects with an Error that is safe to log. */
  readonly send: (url: URL, request: PollRequest) => Promise<OutboundResponse>;
  /** Called after each poll, for the log. */
  readonly report: (failure: string | undefined) => void;
  /** Whether this process polls now. With several replicas, one is enough. */
  readonly mayPoll: () => Promise<boolean>;
}

interface PollRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Tokens that one poll may bring. */
export const mostEvents = 16;
/** Bytes of an answer: so many tokens of the largest size, with their names. */
export const largestAnswer = mostEvents * (largestEvent + 1_024);
/** Milliseconds between two polls. Beside the two seconds in which a replica learns, this is how late an event can be. */
const interval = 1_000;
const longestPause = 30_000;
/** The same if there is more. The checks of this process need time too, and some transmitters always have more. */
const shortestPause = 50;

/** What the next poll says about the tokens of this one (RFC 8936 §2.2). */
interface Acknowledgement {
  readonly ack: string[];
  readonly setErrs: Record<string, { readonly err: string; readonly description: string }>;
}

/**
 * Fetches security event tokens from a transmitter (RFC 8936), one poll at a time, without long polling. Each poll
 * acknowledges the tokens of the one before, or says why they were refused. A token that could not be kept is not
 * acknowledged, so it comes again. After failures it polls less and less often.
 */
export function pollEvents(options: PollOptions): { start(): Promise<void>; stop(): void } {
  let pending: Acknowledgement = { ack: [], setErrs: {} };
  let failures = 0;
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  return {
    start: poll,
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };

  /** Never rejects. */
  async function poll(): Promise<void> {
    let isMore = false;
    try {
      if (await options.mayPoll()) isMore = await fetchOnce();
      failures = 0;
      options.report(undefined);
    } catch (error) {
      failures++;
      options.report((error as Error).message);
    }
    const pause =
      failures > 0 ? Math.min(interval * 2 ** failures, longestPause) : isMore ? shortestPause : interval;
    if (!isStopped) timer = setTimeout(() => void poll(), pause).unref();
  }

  /** @returns whether the transmitter has more */
  async function fetchOnce(): Promise<boolean> {
    const { url, token, send } = options;
    const { ack, setErrs } = pending;
    const response = await send(url, {
      method: 'POST',
      headers: {
        ...{ accept: 'application/json', 'content-type': 'application/json' },
        authorization: `Bearer ${token}`,
      },
      body: JSON.stringify({
        ...{ maxEvents: mostEvents, returnImmediately: true, ack },
        ...(Object.keys(setErrs).length > 0 && { setErrs }),
      }),
    });
    if (response.status !== 200) throw new Error(`${urlForLog(url)} answered ${response.status}`);
    const answer = parseJson(response.body);
    if (!isRecord(answer)) throw new Error(`${urlForLog(url)} answered something that is no object`);
    // Until then: acknowledgements of a poll without an answer are sent again.
    pending = { ack: [], setErrs: {} };
    await takeAll(recordOf(answer.sets));
    return answer.moreAvailable === true && pending.ack.length > 0;
  }

  async function takeAll(sets: JsonObject): Promise<void> {
    for (const [jti, text] of Object.entries(sets).slice(0, mostEvents)) {
      const refusal =
        typeof text === 'string'
          ? await options.receive(text, options.transmitter)
          : new EventRefusal('invalid_request', 'the token is not a text');
      if (refusal) Object.defineProperty(pending.setErrs, jti, described(refusal));
      else pending.ack.push(jti);
    }
  }
}

/** As an own member, also if the transmitter calls a token `__proto__`. */
function described({ error: err, why: description }: EventRefusal): PropertyDescriptor {
  return { value: { err, description }, enumerable: true, configurable: true };
}
