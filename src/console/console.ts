import type { ConsoleExchange } from '../operate/console-door.ts';
import type { ConsoleSource } from '../serve/console-source.ts';
import { type ConsoleAnswer, json, send, text } from './answer.ts';
import { Apart } from './apart.ts';
import { assetAt } from './assets.ts';
import { createConfigurationView } from './configuration-view.ts';
import { explainAsked } from './explain-asked.ts';
import { readFilter } from './filter.ts';
import { Live } from './live.ts';
import { createPasswordCheck } from './password.ts';
import { isOwnRequest, refusalOf } from './permission.ts';
import { readJsonBody } from './read-body.ts';
import { createRulesView } from './rules-view.ts';
import { createStateView } from './state-view.ts';

type Page = (exchange: ConsoleExchange, query: URLSearchParams) => Promise<ConsoleAnswer | undefined>;

/** Makes the function that answers requests to the console. The service is only read. */
export function createConsole(source: ConsoleSource): (exchange: ConsoleExchange) => Promise<void> {
  const checkPassword = createPasswordCheck();
  const live = new Live(source);
  const apart = new Apart();
  const state = createStateView(source);
  const rules = createRulesView(source);
  const configuration = createConfigurationView(source, apart);

  /** An answer that a page has sent itself is undefined. */
  const pages: Readonly<Record<string, Page>> = Object.assign(Object.create(null), {
    'GET /console/api/state': async () => json(await state()),
    'GET /console/api/rules': async (_, query) => json(await rules(query.get('filter') ?? '')),
    'GET /console/api/configuration': async () => json(await configuration()),
    'GET /console/api/decisions': async (exchange, query) => {
      await live.serve(exchange, readFilter(query.get('filter') ?? '', Date.now()));
      return undefined;
    },
    'POST /console/api/explain': async ({ request, response }) => {
      if (!isOwnRequest(request)) return text(403, 'Send JSON from the console itself.');
      const asked = await readJsonBody(request);
      if (!asked) return text(400, 'The request must be a JSON object of at most 256 KiB.', closing);
      return explainAsked(asked, source, apart, gone(response));
    },
  } satisfies Record<string, Page>);

  return async (exchange) => {
    const { request, response } = exchange;
    const refusal = await refusalOf(request, source.access(), checkPassword);
    if (refusal) return send(response, refusal);
    const { pathname, searchParams } = new URL(`http://console${request.url ?? ''}`);
    const page = pages[`${request.method} ${pathname}`];
    if (page) {
      const answer = await page(exchange, searchParams);
      return answer && send(response, answer);
    }
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    send(response, (isRead && (await assetAt(pathname))) || text(404, 'not found'));
  };
}

/** The rest of a body that is too long is not read. */
const closing = { connection: 'close' };

/** Aborts when nobody waits for the answer any more. */
function gone(response: ConsoleExchange['response']): AbortSignal {
  const stop = new AbortController();
  if (response.destroyed) stop.abort();
  response.once('close', () => stop.abort());
  return stop.signal;
}
