import fc from 'fast-check';
import { urlEncodePem } from '../../support/ca.ts';
import { mutatedBytes, mutatedText } from './mutate-text.ts';
import { oddNames, oddText } from './odd.ts';
import { type CertificateName, certificates, IDS, intermediate } from './world.ts';

export const pemOf = (der: Buffer): string =>
  `-----BEGIN CERTIFICATE-----\n${(der.toString('base64').match(/.{1,64}/g) ?? []).join('\n')}\n-----END CERTIFICATE-----\n`;

/** Mostly the chosen one as it is; its DER or its text with some edits now and then. */
export const certificate: fc.Arbitrary<string> = fc
  .constantFrom(...(Object.keys(certificates) as CertificateName[]))
  .chain((name) => {
    const { der, urlEncodedPem } = certificates[name];
    return fc.oneof(
      { weight: 6, arbitrary: fc.constant(urlEncodedPem) },
      {
        weight: 2,
        arbitrary: mutatedBytes(fc.constant(der), { most: 2 }).map((bytes) => urlEncodePem(pemOf(bytes))),
      },
      {
        weight: 1,
        arbitrary: mutatedText(fc.constant(urlEncodedPem), {
          words: ['%0A', '%', '+', '%2B', urlEncodedPem],
        }),
      },
    );
  });

const quoted = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`;
const names = Object.keys(certificates) as CertificateName[];
const hashes = fc.constantFrom(...names).map((name) => `Hash=${certificates[name].sha256Hex}`);
const uris = fc.constantFrom(...Object.values(IDS)).map((id) => `URI=${id}`);
const chain = urlEncodePem(`${certificates.behind.certPem}${intermediate.certPem}`);
const pair = fc.oneof(
  { weight: 3, arbitrary: hashes },
  { weight: 3, arbitrary: uris },
  { weight: 1, arbitrary: certificate.map((text) => `Cert=${quoted(text)}`) },
  { weight: 1, arbitrary: fc.constant(`Chain=${quoted(chain)}`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(`By=${IDS.gateway}`, 'Subject=""', 'DNS=a', 'Subject="a,b;URI=c"', 'X=1'),
  },
);
const element = fc.oneof(
  fc.array(pair, { minLength: 1, maxLength: 5 }).map((pairs) => pairs.join(';')),
  fc
    .constantFrom('shop', 'till', 'gateway', 'foreign')
    .map(
      (name) =>
        `By=${IDS.gateway};Hash=${certificates[name as 'shop'].sha256Hex};Subject="";URI=${IDS[name as 'shop']}`,
    ),
);
/** `x-forwarded-client-cert`, as proxies write it and as others would. */
export const forwarded = mutatedText(
  fc.array(element, { minLength: 1, maxLength: 3 }).map((elements) => elements.join(',')),
  {
    words: [',', ';', '=', '"', '\\"', '\\', 'URI=', `URI=${IDS.till}`, 'Cert=', 'Hash=', '[', '{'],
    most: 2,
  },
);

export const principal = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...Object.values(IDS)) },
  {
    weight: 1,
    arbitrary: mutatedText(fc.constantFrom(...Object.values(IDS)), { words: ['/', ';URI=', ',', '%2e'] }),
  },
);
export const paths = mutatedText(fc.constantFrom('/orders/7', '/healthz', '/bearer', '/strict/a/b'), {
  words: [
    '/',
    '//',
    '/.',
    '/..',
    '%2e',
    '%2F',
    '%',
    ';',
    '?',
    '#',
    '\\',
    '%25',
    '%41',
    '%c3%a9',
    'é',
    '/healthz',
  ],
  most: 3,
});
export const hosts = mutatedText(fc.constantFrom('orders.example.com', 'ORDERS.a.com.', '[::1]'), {
  words: [':', '.', '..', '@', ',', '[::1]', '/', ':443', ':99999', '%2e', 'ı', 'K'],
  most: 3,
});
export const methods = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom('GET', 'POST', 'OPTIONS', 'CONNECT', 'get', ' GET', 'GET,POST', ''),
  },
  { weight: 1, arbitrary: oddText },
);

/** Headers that a client makes up: what Peerproof itself sets, in every spelling, and whatever else decides something. */
const forgedName = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      'x-auth-request-user',
      'x_auth_request_user',
      'x-auth_request-user',
      'x-spiffe_id',
      'x-forwarded-user',
      'gap_auth',
      'x_tenant',
      'x-tenant',
      'x-who',
      'x-request-id',
      'traceparent',
      'b3',
      'x-forwarded-uri',
      'x-http-method-override',
      'x-envoy-original-path',
      'X-Auth-Request-User',
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom(...oddNames) },
);
export const forged = fc.array(fc.tuple(forgedName, fc.oneof(oddText, fc.constant('blue'))), {
  minLength: 1,
  maxLength: 4,
});

/** How the form of a token request is written. */
const types = 'client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer';
export const formOf = (token: string) =>
  `grant_type=client_credentials&client_id=shop&${types}&client_assertion=${token}`;
export const form = (token: string): fc.Arbitrary<string> =>
  mutatedText(fc.constant(formOf(token)), {
    words: [
      '&',
      '=',
      ';',
      '%',
      '%26',
      '%3D',
      '+',
      '&client_id=till',
      '&client_secret=x',
      '&client_assertion=',
      'é',
    ],
    most: 2,
  });
