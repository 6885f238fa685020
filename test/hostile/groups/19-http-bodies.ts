import type { Group, HeaderLines } from '../case.ts';
import { element } from '../check.ts';
import type { Workload } from '../fixture.ts';
import type { HttpCase } from '../http-case.ts';
import { http } from '../makers/http.ts';
import { contentType } from '../makers/token-request.ts';

const unreadable = 'body_unreadable';
const whole: HeaderLines = [['x-envoy-auth-partial-body', 'false']];
const shop = 'grant_type=client_credentials&client_id=shop';

interface Sent {
  readonly body?: string;
  readonly sender?: Workload;
  readonly headers?: HeaderLines;
  readonly target?: string;
  readonly method?: string;
}

/** A token request as Envoy asks about it over HTTP, with its body. */
const asked = (
  { body = shop, sender = 'shop', headers = whole, target = '/certificate-token', method = 'POST' }: Sent,
  reason: HttpCase['reason'],
  more: Partial<HttpCase> = {},
): HttpCase => ({
  ...http(
    'direct',
    ({ senders }) => ({
      ...{ method, body },
      target: `/check${target}`,
      headers: [...contentType, ...headers, ['x-forwarded-client-cert', element(senders[sender])]],
    }),
    reason,
  ),
  ...more,
});

export const group: Group = {
  number: 19,
  title: 'Client assertions',
  items: {
    'bodies of checks over HTTP': {
      source: 'Envoy: with_request_body of an HTTP service; RFC 9112 §6',
      http: {
        'the whole form': asked({}, 'allowed', {
          seen: { line: { client_id: 'shop', bound_by: 'workload' } },
        }),
        'the whole form of another workload': asked({ sender: 'till' }, 'client_not_registered'),
        'a form that nobody calls complete': asked({ headers: [] }, unreadable),
        'a form that is cut off': asked({ headers: [['x-envoy-auth-partial-body', 'true']] }, unreadable),
        'a form that is cut off, before it the word of the client': asked(
          { headers: [...whole, ['x-envoy-auth-partial-body', 'true']] },
          unreadable,
        ),
        'a form that is compressed': asked({ headers: [...whole, ['content-encoding', 'gzip']] }, unreadable),
        'a form of 64 KiB and a byte': asked(
          { body: `${shop}&x=${'x'.repeat(65_537 - shop.length - 3)}` },
          unreadable,
        ),
        'no form': asked({ body: '' }, unreadable),
        'a form at a method without a rule': asked({ method: 'GET' }, 'no_rule'),
        'a form where only the token counts': asked({ target: '/bearer' }, 'token_missing'),
        'two clients': asked({ body: `${shop}&client_id=till` }, 'assertion_ambiguous'),
        'a form that nginx does not send': http(
          'nginx',
          () => ({
            target: '/oauth2/auth',
            method: 'POST',
            body: shop,
            headers: [
              ...[...contentType, ...whole],
              ['x-original-method', 'POST'],
              ['x-original-uri', '/token'],
              ['x-original-host', 'orders.example.com'],
            ],
          }),
          'assertion_missing',
        ),
      },
    },
  },
};
