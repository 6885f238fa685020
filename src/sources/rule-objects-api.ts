import { setTimeout as sleep } from 'node:timers/promises';
import { isRecord, listOf, parseJson, recordOf, textOf } from '../lib/json.ts';
import { HttpClient, type OutboundResponse, TooLarge, urlForLog } from './http-client.ts';
import { mayBeAsked } from './https-only.ts';
import type { OpenWatch } from './open-watch.ts';
import { type RuleObject, ruleObjects } from './rule-objects.ts';

export interface RuleObjectsApiOptions {
  /** The address of the API server. The path is kept as a prefix. */
  readonly url: string;
  /** PEM of the authorities trusted for it. */
  readonly ca?: string | undefined;
  /** Reads the token of this service, for each request. */
  readonly token: () => Promise<string>;
  readonly allowInsecureHttp?: boolean;
}

/** The API server does not have the version from which to go on, so everything must be listed again. */
export class Gone extends Error {}

/** What became of a status. `changed`: the object is another one by now. `missing`: it is deleted. */
export type StatusWrite = 'written' | 'changed' | 'missing';

const { group, version, plural } = ruleObjects;
const path = `/apis/${group}/${version}/${plural}`;
/** Bytes of one page. If the objects are too large for it, a page holds fewer of them. */
const maxBytes = 16_777_216;
const usualPage = 100;
const timeout = 10_000;
/** The longest watch. A store that dropped objects lists them again after it. */
const timeoutSeconds = '300';
/** Milliseconds between two pages, so that checks are answered in between. */
const breath = 5;

/** The AuthorizationRules of a cluster: lists and watches them, and writes their status. */
export class RuleObjectsApi {
  readonly #options: RuleObjectsApiOptions;
  readonly #base: URL;
  readonly #client: HttpClient;
  #watch: OpenWatch | undefined;
  #isClosed = false;

  /** @throws TypeError for plain http to another machine, which would reveal the token */
  constructor(options: RuleObjectsApiOptions) {
    this.#options = options;
    this.#base = new URL(options.url);
    if (!mayBeAsked(this.#base, options.allowInsecureHttp ?? false))
      throw new TypeError(`${urlForLog(this.#base)} must be https`);
    this.#client = new HttpClient({ ca: options.ca, timeout, maxBytes, maxSockets: 4 });
  }

  /**
   * Reads all objects, page by page.
   * @returns the version from which to watch
   * @throws Error that is safe to log
   */
  async list(onObject: (object: unknown) => void): Promise<string> {
    let next = '';
    let from = '';
    for (let size = usualPage; ; ) {
      try {
        const page = await this.#page(size, next);
        const { items, metadata } = page;
        for (const item of listOf(items)) onObject(item);
        from ||= textOf(recordOf(metadata).resourceVersion);
        next = textOf(recordOf(metadata).continue);
        if (next === '') return from;
        await sleep(breath);
      } catch (error) {
        if (!(error instanceof TooLarge) || size === 1) throw error;
        // One team with huge objects must not keep the others from being read.
        size = Math.ceil(size / 8);
      }
    }
  }

  /**
   * Reports changes after a version until the API server or the time ends it. The caller then begins again.
   * @throws Gone if the version is too old
   * @throws Error that is safe to log
   */
  async watch(
    from: string,
    onEvent: (type: string, object: unknown) => void,
    onOpen: () => void,
  ): Promise<void> {
    const { ca, token } = this.#options;
    if (!this.#watch) {
      const { openWatch } = await import('./open-watch.ts');
      if (this.#isClosed) return;
      this.#watch = openWatch({ url: this.#base, ca, token });
    }
    let failed: Error | undefined;
    const query = { resourceVersion: from, allowWatchBookmarks: true, timeoutSeconds };
    const take = (type: string, object: unknown) => {
      if (type === 'ERROR') failed = statusError(object, this.#at(path));
      else onEvent(type, object);
    };
    try {
      await this.#watch.watch(path, query, take, onOpen);
    } catch (error) {
      const { statusCode, message, cause } = error as Error & { statusCode?: number };
      if (statusCode !== undefined) throw answered(statusCode, this.#at(path));
      // The library says only that the request failed. The cause says why.
      throw new Error(`${urlForLog(this.#at(path))}: ${(cause as Error | undefined)?.message || message}`);
    }
    if (failed) throw failed;
  }

  /**
   * Replaces the status of an object, if the object is still the one that was seen.
   * @throws Error that is safe to log
   */
  async writeStatus({ namespace, name, resourceVersion }: RuleObject, status: object): Promise<StatusWrite> {
    const url = this.#at(`/apis/${group}/${version}/namespaces/${namespace}/${plural}/${name}/status`);
    url.searchParams.set('fieldManager', 'peerproof');
    const answer = await this.#client.send(url, {
      method: 'PATCH',
      headers: { ...(await this.#headers()), 'content-type': 'application/merge-patch+json' },
      body: JSON.stringify({ metadata: { resourceVersion }, status }),
    });
    if (answer.status === 409) return 'changed';
    if (answer.status === 404) return 'missing';
    if (answer.status !== 200) throw answered(answer.status, url);
    return 'written';
  }

  /** Ends the watch and closes its connections. Requests under way fail. */
  close(): void {
    this.#isClosed = true;
    this.#watch?.close();
    this.#client.close();
  }

  async #page(limit: number, next: string) {
    const url = this.#at(path);
    url.searchParams.set('limit', String(limit));
    if (next !== '') url.searchParams.set('continue', next);
    const answer = await this.#client.send(url, { headers: await this.#headers() });
    if (answer.status !== 200) throw answered(answer.status, url);
    return pageOf(answer, url);
  }

  #at(place: string): URL {
    return new URL(`${this.#base.pathname.replace(/\/$/, '')}${place}`, this.#base);
  }

  async #headers(): Promise<Readonly<Record<string, string>>> {
    return { accept: 'application/json', authorization: `Bearer ${await this.#options.token()}` };
  }
}

function pageOf({ body }: OutboundResponse, url: URL) {
  const page = parseJson(body);
  if (!isRecord(page) || !Array.isArray(page.items))
    throw new Error(`${urlForLog(url)} answered something that is not a list`);
  return page;
}

/** What an operator has to do, by status. */
const remedies: Readonly<Record<number, string>> = {
  401: 'it does not accept our token',
  403: `may our ServiceAccount get, list and watch ${plural}, and patch ${plural}/status?`,
  404: `is the definition of ${plural}.${group} installed?`,
};

function answered(status: number, url: URL): Error {
  const remedy = remedies[status];
  const text = `${urlForLog(url)} answered ${status}${remedy ? `: ${remedy}` : ''}`;
  return status === 410 ? new Gone(text) : new Error(text);
}

/** The Status object of an event. */
function statusError(object: unknown, url: URL): Error {
  const { code } = recordOf(object);
  return answered(typeof code === 'number' ? code : 0, url);
}
