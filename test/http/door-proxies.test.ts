import { networkInterfaces } from 'node:os';
import test from 'ava';
import { startPeerproof } from '../support/peerproof.ts';
import { checked, forwardAuthConfig, type Headers, original } from './forward-auth-cases.ts';
import { issuer } from './parity-world-cases.ts';

/** Who may ask about a request that only headers describe: addresses of proxies, in every form that the kernel gives them. */

const hasIPv6 = Object.values(networkInterfaces()).some((list) =>
  list?.some(({ address }) => address === '::1'),
);
const single = await startPeerproof(forwardAuthConfig);
// Here an IPv4 client comes as ::ffff:127.0.0.1.
const dual = hasIPv6 ? await startPeerproof({ ...forwardAuthConfig, listen: { http: '[::]:0' } }) : undefined;
await Promise.all([single.ready, dual?.ready]);
test.after.always(async () => {
  await single.drain();
  await dual?.drain();
  await issuer.stop();
});

const addresses: [target: string, from: string, trusted: boolean][] = [
  ['/oauth2/auth', '127.0.0.1', true],
  ['/oauth2/auth', '127.0.0.2', false],
  ['/oauth2/auth', '127.0.0.11', false],
  ['/url', '127.0.0.3', true],
  ['/url', '127.0.0.4', false],
  ['/forwarded', '127.1.2.3', true],
  ['/six', '127.0.0.1', false],
  ['/mapped', '127.0.0.1', true],
  ['/mapped', '127.0.0.2', false],
  ['/nobody', '127.0.0.1', false],
];
/** All conventions at once, and what a client could write of its own address. */
const everything: Headers = [
  ...original('/healthz'),
  ['x-original-url', 'http://orders.example.com/healthz'],
  ['x-forwarded-method', 'GET'],
  ['x-forwarded-host', 'orders.example.com'],
  ['x-forwarded-uri', '/healthz'],
  ['x-forwarded-for', '127.0.0.1'],
  ['x-real-ip', '127.0.0.1'],
  ['forwarded', 'for=127.0.0.1'],
];
for (const [listen, by] of [
  ['127.0.0.1', single],
  ['[::]', dual],
] as const)
  for (const [target, from, trusted] of by ? addresses : [])
    test.serial(
      `proxies of forward auth – ${listen}${target}: from ${from} ${trusted ? 'a check is accepted' : 'a check is refused'}`,
      async (t) => {
        const asked = await checked(by ?? single, everything, { target, from });
        if (trusted) t.is(asked.heard.status, 202);
        else {
          t.is(asked.heard.status, 403);
          t.is(asked.line.reason, 'proxy_not_allowed');
          t.like(asked.line, { path: target, door: 'forward-auth' });
        }
      },
    );

const sixes: Record<string, boolean> = {
  '/six': true,
  '/forwarded': true,
  '/oauth2/auth': false,
  '/mapped': false,
  '/nobody': false,
};
for (const [target, trusted] of Object.entries(dual ? sixes : {}))
  test.serial(
    `proxies of forward auth – [::]${target}: from ::1 ${trusted ? 'a check is accepted' : 'a check is refused'}`,
    async (t) => {
      const asked = await checked(dual ?? single, everything, { target, to: '::1' });
      t.is(asked.heard.status, trusted ? 202 : 403);
      t.is(asked.line.reason, trusted ? 'public' : 'proxy_not_allowed');
    },
  );
