import { excerpt, valueText } from '../../../lib/excerpt.ts';
import type { JsonObject } from '../../../lib/json.ts';
import { formatTime } from '../../../lib/time.ts';
import type { ConditionFacts } from './facts.ts';
import type { Reads } from './reads.ts';
import { type ObjectName, PeerFacts, ServiceAccountFacts, TokenFacts } from './types.ts';

/** The most values that are shown. Each is shortened. */
const mostValues = 8;

/**
 * The values that a condition reads, for the log: those that are missing first, because reading one is an
 * error. Claims and headers whose names are computed are not shown. Neither are headers that could hold
 * credentials, nor what looks like a token.
 */
export function describeReads(reads: Reads, facts: ConditionFacts): string {
  const shown = [...claimsIn(reads, facts), ...headersIn(reads, facts), ...fieldsIn(reads, facts)];
  const absent = shown.filter(([, value]) => value === missing);
  const present = shown.filter(([, value]) => value !== missing);
  return [...absent, ...present]
    .slice(0, mostValues)
    .map(([name, value]) => `${name} is ${value}`)
    .join(', ');
}

type Shown = readonly [name: string, value: string];

const missing = 'missing';

function* claimsIn({ claims: names }: Reads, { token: { claims } }: ConditionFacts): Generator<Shown> {
  if (names === 'all') return;
  for (const name of names)
    yield [
      /^\w+$/.test(name) ? `claims.${excerpt(name, 40)}` : `claims[${JSON.stringify(excerpt(name, 40))}]`,
      textOf(Object.hasOwn(claims, name) ? claims[name] : undefined),
    ];
}

/** Names of headers that hold credentials, or are likely to. */
const secretName = /auth|token|cookie|secret|key|passw|session|signature|credential|cert|jwt|assertion/;
/**
 * Values that are likely to hold credentials, whatever their header is called: long words, a scheme of
 * `Authorization`, and a URL or path with a query, a fragment or a user.
 */
const secretValues = [
  /^[\w+/=.~-]{32,}$/,
  /[\w+=~-]{24}/,
  /eyJ/,
  /\b(?:basic|bearer)\b/i,
  /[?#]/,
  /^[a-z]+:\/\/[^/]*@/i,
];
/** The characters of a value that are looked at. Fewer are shown. */
const mostLooked = 128;

function* headersIn({ headers: names }: Reads, { request }: ConditionFacts): Generator<Shown> {
  if (names === 'all') return;
  for (const name of names) {
    const value = Object.hasOwn(request.headers, name) ? request.headers[name] : undefined;
    yield [`request.headers['${excerpt(name, 40)}']`, isSecret(name, value) ? 'not shown' : textOf(value)];
  }
}

function isSecret(name: string, value: string | undefined): boolean {
  if (!value) return false;
  const start = value.slice(0, mostLooked);
  return secretName.test(name) || secretValues.some((form) => form.test(start));
}

function fieldsIn({ fields }: Reads, facts: ConditionFacts): readonly Shown[] {
  const { request, host, path, now } = facts;
  const objects: Readonly<Record<ObjectName, object>> = {
    request: { method: request.method, host, path, time: formatTime(now) },
    token: new TokenFacts(facts.token),
    peer: new PeerFacts(facts.peer),
    serviceAccount: new ServiceAccountFacts(facts.serviceAccount),
  };
  return [...fields].map((full): Shown => {
    const [object, field] = full.split('.') as [ObjectName, string];
    return [full, textOf((objects[object] as JsonObject)[field])];
  });
}

/** A condition does not see an empty value. */
function textOf(value: unknown): string {
  if (value === undefined) return missing;
  return value === null || value === '' ? 'empty, which counts as missing' : valueText(value);
}
