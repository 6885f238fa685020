import fc from 'fast-check';
import { dpopForm } from '../../../src/core/binding/dpop.ts';
import { readProof } from '../../../src/core/binding/proof-jwt.ts';
import { normalTarget } from '../../../src/core/binding/target.ts';
import {
  type Certificate,
  parseCertificate,
  parseDerCertificate,
} from '../../../src/core/peer/certificate.ts';
import { readForwardedChain } from '../../../src/core/peer/forwarded-chain.ts';
import { candidateFromElement } from '../../../src/core/peer/peer-candidate.ts';
import { parseSpiffeId } from '../../../src/core/peer/spiffe-id.ts';
import { parseXfcc } from '../../../src/core/peer/xfcc.ts';
import { parseHost } from '../../../src/core/policy/host.ts';
import { normalizePath } from '../../../src/core/policy/path.ts';
import { algorithmNames } from '../../../src/core/token/algorithms.ts';
import { readAuthorization } from '../../../src/core/token/authorization.ts';
import { readClientAssertion } from '../../../src/core/token/client-assertion.ts';
import { parseJws } from '../../../src/core/token/jws.ts';
import { Malformed } from '../../../src/lib/malformed.ts';
import { goodClaims } from '../../support/token-fixture.ts';
import { overBudget } from '../time/cpu.ts';
import { check } from '../time/inputs.ts';
import { ca, shop, signer } from '../time/world.ts';
import { grownText } from './grown.ts';
import { mutatedDer } from './mutate-der.ts';

/** One reader of what callers send, with inputs grown to what the doors allow, and how long one may block the process. */
export interface Budget<Input = unknown> {
  readonly name: string;
  readonly inputs: fc.Arbitrary<Input>;
  readonly work: (input: Input) => unknown;
  /** Microseconds of processor time. */
  readonly within: number;
}

/** Before a token is verified, and after. */
const before = 5_000;
const after = 20_000;
const head = 60 * 1024;
const budget = <Input>(of: Budget<Input>): Budget => of as Budget as Budget<unknown>;
const text = (
  name: string,
  longest: number,
  work: (text: string) => unknown,
  words: readonly string[] = [],
) => budget({ name, inputs: grownText(longest, words), work, within: before });

const assertion = 'client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer';
const form = (body: string, path = '/token', authorization = '') =>
  readClientAssertion({
    method: 'POST',
    host: 'a',
    path,
    headers: { 'content-type': 'application/x-www-form-urlencoded', authorization },
    body,
  });
const clientWords = ['client_id=', 'Client.Id', '&client_secret', 'c&', 'client_', '%63lient'];
const certificate = ca.certPem;
const leaf = parseDerCertificate(shop.der) as Certificate;
const dpopProof = { ...dpopForm, algorithms: new Set(algorithmNames) };
const base64url = (of: string) => Buffer.from(of).toString('base64url');

export const budgets: readonly Budget[] = [
  text('bearer, header', head, (header) =>
    readAuthorization({ method: 'GET', host: 'a', path: '/', headers: { authorization: header } }),
  ),
  text(
    'bearer, query',
    head,
    (query) =>
      readAuthorization({
        method: 'GET',
        host: 'a',
        path: `/?${query}`,
        headers: { authorization: 'Bearer a' },
      }),
    ['access_token', '%61ccess_token='],
  ),
  text('form, body', 65_536, (body) => form(body), clientWords),
  text(
    'form, query',
    head,
    (query) => form(`client_id=a&${assertion}&client_assertion=a`, `/token?${query}`),
    clientWords,
  ),
  text(
    'form, header',
    head,
    (header) => form(`client_id=a&${assertion}&client_assertion=a`, '/token', header),
    ['basic', ', basic'],
  ),
  text('jws', 65_536, (token) => parseJws(token), ['eyJ', '.']),
  text('jws, JSON', 48_000, (json) => parseJws(`${base64url(json)}.${base64url(json)}.AAAA`), [
    '{"a":',
    '[]',
    ',',
    '"a",',
    '1',
    '\\u0061',
  ]),
  text('dpop, header', head, (proof) => readProof(proof, dpopProof), ['eyJ', '.', ',']),
  text('dpop, JSON', 6_000, (json) => readProof(`${base64url(json)}.${base64url(json)}.AAAA`, dpopProof), [
    '{"a":',
    '[]',
    ',',
    '1',
  ]),
  text('dpop, htu', 8_192, (htu) => normalTarget(htu), ['https://', '/..', '%2e', '/.', ':', '@']),
  text('path', head, (path) => normalizePath(`/${path}`)),
  text('path as long as one is read', 8_190, (path) => normalizePath(`/${path}`)),
  text('host', head, (host) => parseHost(host)),
  text('spiffe-id', head, (id) => parseSpiffeId(`spiffe://${id}`)),
  text('xfcc', 65_536, readsForwarded, [
    'By=;',
    'URI=',
    'Hash=a,',
    'Subject="',
    '";',
    `Cert="${shop.urlEncodedPem}"`,
  ]),
  text('certificate, text', 16_384, (pem) => parseCertificate(pem), [
    '-----BEGIN%20CERTIFICATE-----%0A',
    '-----END%20CERTIFICATE-----',
    'A%0A',
  ]),
  text('chain, text', 65_536, (pem) => readForwardedChain(shop.urlEncodedPem + pem, leaf), [
    '-----BEGIN%20CERTIFICATE-----%0A',
    '-----END%20CERTIFICATE-----%0A',
    encodeURIComponent(certificate),
  ]),
  budget({
    name: 'certificate, DER',
    inputs: mutatedDer(fc.constant(shop.der), 6),
    work: (der) => parseDerCertificate(der),
    within: before,
  }),
  text('check, any header', head, (value) =>
    check({ headers: { cookie: value, 'x-request-id': value.slice(0, 9_000) } })(),
  ),
  budget({
    name: 'check, claims of a token',
    inputs: fc.tuple(
      fc.constantFrom('sub', 'email', 'scope', 'scp', 'groups', 'tenant', 'client_id', 'aud', 'act'),
      grownText(11_000),
      fc.boolean(),
    ),
    work: ([name, value, list]) =>
      check({
        headers: {
          authorization: `Bearer ${signer.sign(goodClaims({ [name]: list ? value.split('a').slice(0, 4_000) : value }))}`,
        },
      })(),
    within: after,
  }),
];

function readsForwarded(header: string): void {
  const elements = parseXfcc(header);
  if (!(elements instanceof Malformed))
    for (const element of elements.slice(-2)) candidateFromElement(element, parseCertificate);
}

/** Tries one reader with at least one input, until the time is over; gives the first input that is over its budget. */
export async function tryBudget(
  of: Budget,
  seed: number,
  milliseconds: number,
): Promise<{ runs: number; find?: string }> {
  const property = fc.asyncProperty(of.inputs, async (input) => {
    const cost = await overBudget(() => of.work(input), of.within);
    if (cost !== undefined) throw new Error(`took ${Math.round(cost)} µs, more than ${of.within}`);
  });
  const { failed, numRuns, counterexample, errorInstance } = await fc.check(property, {
    seed,
    numRuns: Number.MAX_SAFE_INTEGER,
    interruptAfterTimeLimit: milliseconds,
    endOnFailure: true,
  });
  // A machine that is busy may let the time pass before the first input.
  if (numRuns === 0) return tryBudget(of, seed, 2 * milliseconds);
  if (!failed || errorInstance == null) return { runs: numRuns };
  return {
    runs: numRuns,
    find: `${of.name}: ${String(errorInstance)}\n${fc.stringify(counterexample).slice(0, 500)}`,
  };
}
