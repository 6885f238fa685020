import assert from 'node:assert/strict';
import { BlockList } from 'node:net';
import fc from 'fast-check';
import type { Evidence } from '../../../../src/core/evidence.ts';
import { parseXfcc } from '../../../../src/core/peer/xfcc.ts';
import {
  evidenceOfCheck,
  evidenceOfForwardAuth,
  type ForwardAuth,
  type ForwardedPeers,
} from '../../../../src/http/check-request.ts';
import { originalNames } from '../../../../src/http/forward-auth.ts';
import type { HttpCheck } from '../../../../src/http/transport/messages.ts';
import { Malformed } from '../../../../src/lib/malformed.ts';
import { type Target, target } from '../campaign.ts';
import { holdsOfDecision } from '../invariants.ts';
import { mutatedText } from '../mutate-text.ts';
import { oddNames, oddText } from '../odd.ts';
import { mayPass } from '../oracle.ts';
import { certificate, forged, forwarded, hosts, methods, paths } from '../presented-parts.ts';
import { authorization, honestlyMinted, type Minted } from '../tokens.ts';
import { certificates, IDS, worlds } from '../world.ts';

/** A request at the HTTP door, and how that is set up. */
interface CachedAuthority {
  readonly check: HttpCheck;
  readonly token: Minted;
  readonly prefix: string | undefined;
  readonly xfcc: ForwardedPeers;
  /** Undefined where Envoy asks; else the convention of the proxy that does. */
  readonly original: ForwardAuth['original'] | undefined;
}

const proxies = new BlockList();
proxies.addAddress('127.0.0.1', 'ipv4');
const trusts = (address: string) => proxies.check(address, address.includes(':') ? 'ipv6' : 'ipv4');
const certificateHeader = 'ssl-client-cert';

/** Little of a check is odd at a time. */
const rarely = <T>(odd: fc.Arbitrary<T>, good: T) =>
  fc.oneof({ weight: 1, arbitrary: odd }, { weight: 7, arbitrary: fc.constant(good) });
const wheres = fc.constantFrom('/orders/7', '/bearer', '/healthz', '/orders/7?x=1');
const query = mutatedText(
  fc.constantFrom('', '?allowed_groups=staff', '?allowed_emails=alice@example.com&allowed_email_domains=.b'),
  {
    words: [
      '?',
      '&',
      '=',
      ',',
      'allowed_groups=',
      '%61llowed_groups=',
      ';',
      '+',
      '%',
      'allowed_email_domains=example.com',
    ],
  },
);

const asked: fc.Arbitrary<CachedAuthority> = fc
  .record({
    token: honestlyMinted,
    where: wheres,
    original: fc.option(fc.constantFrom(...originalNames), { nil: undefined }),
  })
  .chain(({ token, where, original }) =>
    fc
      .record({
        prefix: fc.constantFrom(undefined, '', '/check'),
        method: rarely(methods, 'GET'),
        host: rarely(hosts, 'orders.example.com'),
        path: rarely(paths, where),
        query: rarely(query, ''),
        authorization: rarely(authorization(token.text), `Bearer ${token.text}`),
        forged: rarely(forged, []),
        more: rarely(fc.array(fc.tuple(fc.constantFrom(...oddNames), oddText), { maxLength: 3 }), []),
        forwarded: rarely<string | undefined>(
          forwarded,
          `Hash=${certificates.shop.sha256Hex};Subject="";URI=${IDS.shop}`,
        ),
        certificate: rarely<string | undefined>(certificate, certificates.shop.urlEncodedPem),
        xfcc: fc.constantFrom<ForwardedPeers>('direct', 'none', { sidecar: IDS.gateway }),
        address: rarely(fc.constantFrom('10.0.0.1', '::1', '', '127.0.0.2'), '127.0.0.1'),
        left: rarely(fc.nat(3), 9),
        repeated: rarely(
          fc.subarray(['x-original-method', 'x-original-uri', 'x-forwarded-host', 'host']),
          [],
        ),
      })
      .map((of): CachedAuthority => {
        const headers: Record<string, string> = Object.assign(
          Object.create(null),
          Object.fromEntries([...of.more, ...of.forged]),
        );
        headers.authorization = of.authorization;
        if (of.forwarded !== undefined) headers['x-forwarded-client-cert'] = of.forwarded;
        const first = of.prefix === undefined ? '/check' : of.prefix;
        const told = original && described(original, of.method, of.host, of.path);
        for (const [index, [name, value]] of Object.entries(told ?? {}).entries())
          if (index !== of.left) headers[name] = value;
        if (original && of.certificate !== undefined) headers[certificateHeader] = of.certificate;
        return {
          token,
          prefix: of.prefix,
          xfcc: of.xfcc,
          original,
          check: {
            method: original ? 'GET' : of.method,
            target: original ? `/auth${of.query}` : `${first}${of.path}`,
            host: of.host,
            headers,
            repeated: new Set(of.repeated),
            remoteAddress: of.address,
          },
        };
      }),
  );

function described(original: ForwardAuth['original'], method: string, host: string, path: string) {
  if (original === 'x-original-url')
    return {
      'x-original-method': method,
      'x-original-url': `https://${host}${path}`,
      'x-original-host': host,
    };
  const [first, uri] = original === 'x-original' ? ['x-original', 'uri'] : ['x-forwarded', 'uri'];
  return { [`${first}-method`]: method, [`${first}-host`]: host, [`${first}-${uri}`]: path };
}

/** What no proxy vouches for does not become evidence. */
function holdsOfEvidence(evidence: Evidence, { check, xfcc, original }: CachedAuthority): void {
  assert.ok(evidence.request);
  assert.deepEqual(evidence.context, {});
  const { headers } = evidence.request;
  if (evidence.flaw) return;
  if (original) {
    assert.equal(check.remoteAddress, '127.0.0.1');
    for (const name of ['x-forwarded-client-cert', 'x-client-certificate', certificateHeader])
      assert.ok(!(name in headers), `${name} comes through`);
    assert.ok(
      evidence.peer.certificate === undefined ||
        evidence.peer.certificate === check.headers[certificateHeader],
    );
  } else {
    // Why there is no peer is a text of ours, for the log.
    assert.deepEqual({ ...evidence.peer, missing: undefined }, { missing: undefined });
    const seen = headers['x-forwarded-client-cert'];
    if (xfcc === 'none') assert.equal(seen, undefined);
    const last = xfcc === 'direct' && seen !== undefined ? parseXfcc(seen) : undefined;
    if (last && !(last instanceof Malformed))
      assert.ok(!last.at(-1)?.by.includes(IDS.gateway), 'an element of our own sidecar comes through');
    if (typeof xfcc === 'object' && seen !== undefined)
      assert.ok(
        check.headers['x-forwarded-client-cert']?.replace(/ +/g, '').startsWith(seen.replace(/ +/g, '')),
      );
  }
}

/** A proxy's demand is met, as oauth2-proxy's manual has it. */
function demandsHold({ allowLists }: Evidence, { token }: CachedAuthority): void {
  if (!allowLists) return;
  const payload = JSON.parse(Buffer.from(token.signed.split('.')[1] ?? '', 'base64url').toString('utf8'));
  const { groups, emails, emailDomains } = allowLists;
  if (groups)
    assert.ok(
      groups.some((group) => (payload.groups ?? []).includes(group)),
      'of no allowed group',
    );
  // The preset of oauth2-proxy uses the subject if there is no address.
  const email = String(payload.email ?? payload.sub ?? '');
  if (emails) assert.ok(emails.includes(email), 'of no allowed address');
  if (emailDomains)
    assert.ok(
      emailDomains.some((domain) => email.toLowerCase().endsWith(domain.toLowerCase().replace(/^\*/, ''))),
    );
}

const own = { ids: [IDS.gateway], workload: undefined };

async function isAnswered(input: CachedAuthority): Promise<string> {
  const { check, prefix, xfcc, original, token } = input;
  const evidence = original
    ? evidenceOfForwardAuth(check, {
        path: '/auth',
        trusts,
        original,
        certificateHeader,
        ...(original === 'x-original-url' && { hostHeader: 'x-original-host' }),
      })
    : evidenceOfCheck(check, prefix, xfcc, own);
  holdsOfEvidence(evidence, input);
  const world = worlds[check.host.length % worlds.length] as (typeof worlds)[number];
  const door = original ? 'forward-auth' : 'http';
  const decision = await world.decide(evidence, door, Number.POSITIVE_INFINITY);
  holdsOfDecision(decision, evidence, world.policy.identity, door);
  if (decision.effect === 'allow') {
    assert.equal(evidence.flaw, undefined);
    demandsHold(evidence, input);
  }
  await mayPass(decision, evidence, token, world.chained);
  return original ? `forward-auth: ${decision.reason}` : decision.reason;
}

export const httpCheckTarget: Target = target<CachedAuthority>({
  name: 'http-check',
  inputs: asked,
  hold: isAnswered,
  reaches: [
    'allowed',
    'public',
    'request_malformed',
    'forward-auth: allowed',
    'forward-auth: public',
    'forward-auth: request_malformed',
    'forward-auth: proxy_not_allowed',
  ],
});
