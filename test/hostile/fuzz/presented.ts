import fc from 'fast-check';
import type { Evidence } from '../../../src/core/evidence.ts';
import { oddText } from './odd.ts';
import {
  certificate,
  forged,
  form,
  formOf,
  forwarded,
  hosts,
  methods,
  paths,
  principal,
} from './presented-parts.ts';
import { authorization, honestlyMinted, type Minted, minted } from './tokens.ts';
import { certificates, IDS } from './world.ts';

/** A check as some proxy and some client could have made it together. */
export interface Case {
  readonly evidence: Evidence;
  readonly token: Minted | undefined;
}

/** What a check is made of. Few of these are meddled with at a time: else nothing would get past the first step. */
const parts = [
  'method',
  'host',
  'path',
  'token',
  'authorization',
  'forged',
  'forwarded',
  'clientCertificate',
  'certificate',
  'principal',
  'body',
  'contentType',
  'context',
] as const;
type Part = (typeof parts)[number];

/** The requests of normal clients. */
const places = fc.constantFrom(
  { method: 'GET', path: '/orders/7?x=1' },
  { method: 'GET', path: '/orders' },
  { method: 'GET', path: '/bearer' },
  { method: 'POST', path: '/strict/a' },
  { method: 'POST', path: '/token' },
  { method: 'GET', path: '/healthz' },
  undefined,
);

/** The token most of all. */
const kinds: fc.Arbitrary<readonly Part[]> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Part[]>(['token']) },
  { weight: 4, arbitrary: fc.subarray([...parts], { minLength: 1, maxLength: 2 }) },
  { weight: 1, arbitrary: fc.subarray([...parts]) },
  { weight: 1, arbitrary: fc.constant([]) },
);

export const cases: fc.Arbitrary<Case> = fc
  .record({ place: places, hostile: kinds })
  .chain(({ place, hostile }) => {
    const isHostile = new Set<Part>(hostile);
    /** The hostile form of a part, or the normal one. */
    const part = <T>(name: Part, bad: fc.Arbitrary<T>, good: fc.Arbitrary<T>) =>
      isHostile.has(name) ? bad : good;
    const nothing = fc.constant(undefined);
    const inForm = place?.path === '/token';
    return part('token', fc.option(minted, { nil: undefined, freq: 9 }), honestlyMinted).chain((token) =>
      fc
        .record({
          method: part('method', methods, fc.constant(place?.method ?? 'GET')),
          host: part('host', hosts, fc.constant('orders.example.com')),
          path: part('path', paths, fc.constant(place?.path ?? '/orders')),
          authorization: part<string | undefined>(
            'authorization',
            fc.oneof(authorization(token?.text ?? ''), oddText),
            token && !inForm ? fc.constant(`Bearer ${token.text}`) : nothing,
          ),
          forged: part('forged', forged, fc.constant([['x-tenant', 'blue']] as [string, string][])),
          forwarded: part<string | undefined>('forwarded', forwarded, nothing),
          clientCertificate: part<string | undefined>('clientCertificate', certificate, nothing),
          certificate: part<string | undefined>(
            'certificate',
            fc.option(certificate, { nil: undefined, freq: 2 }),
            fc.constant(certificates.shop.urlEncodedPem),
          ),
          principal: part<string | undefined>(
            'principal',
            fc.option(principal, { nil: undefined, freq: 3 }),
            fc.constant(IDS.shop),
          ),
          body: part<string | undefined>(
            'body',
            fc.oneof(form(token?.text ?? ''), oddText),
            token && inForm ? fc.constant(formOf(token.text)) : nothing,
          ),
          contentType: part<string | undefined>(
            'contentType',
            oddText,
            inForm ? fc.constant('application/x-www-form-urlencoded') : nothing,
          ),
          context: part<Record<string, string>>(
            'context',
            fc.constantFrom({}, { policy: 'x' }, { policy: '' }),
            fc.constant({ policy: 'orders' }),
          ),
          port: fc.constantFrom(0, 7, 5432),
          bare: fc.boolean(),
        })
        .map((of): Case => ({ evidence: evidenceOf(place === undefined, of), token })),
    );
  });

interface Made {
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly forged: readonly (readonly [string, string])[];
  readonly forwarded: string | undefined;
  readonly clientCertificate: string | undefined;
  readonly certificate: string | undefined;
  readonly principal: string | undefined;
  readonly body: string | undefined;
  readonly contentType: string | undefined;
  readonly context: Readonly<Record<string, string>>;
  readonly port: number;
  readonly bare: boolean;
}

/** Headers without a prototype, as the HTTP door and raw headers make them, or with one, as protobuf does. */
function evidenceOf(tcp: boolean, of: Made): Evidence {
  const headers: Record<string, string> = of.bare ? Object.create(null) : {};
  for (const [name, value] of [
    ...of.forged,
    ['authorization', of.authorization],
    ['x-forwarded-client-cert', of.forwarded],
    ['x-client-certificate', of.clientCertificate],
    ['content-type', of.contentType],
  ] as const)
    if (value !== undefined) headers[name] = value;
  const { method, host, path, body, certificate: shown, principal: name, port, context } = of;
  return {
    ...(!tcp && { request: { method, host, path, headers, ...(body !== undefined && { body }) } }),
    peer: {
      ...(shown !== undefined && { certificate: shown }),
      ...(name !== undefined && { principal: name }),
    },
    destination: { principal: '', port },
    context,
  };
}
