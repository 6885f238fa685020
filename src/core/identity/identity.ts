import { ownCopy } from '../../lib/own-copy.ts';
import type { Findings } from '../findings.ts';
import type { InternalTokenPolicy } from '../internal-token/policy.ts';
import { claimAt, claimPath } from '../token/claim-path.ts';
import { createPersonPolicy, type PersonPolicy, type PersonSettings, texts } from '../token/person.ts';
import { type Known, list, type ManagedHeader, type PresetName, presets } from './presets.ts';
import { type Removal, Removals } from './removal.ts';

/** What the application learns about the caller, through any door. */
export interface Identity {
  /** Lower-case name and value, each replacing whatever the client sent. */
  readonly set: readonly (readonly [name: string, value: string])[];
  /**
   * What to remove: managed headers without a value, and every spelling that could be taken for a managed
   * header.
   */
  readonly remove: Removal;
  /** This object serves later checks too, so an answer may be kept beside it. */
  readonly isKept?: boolean;
}

/** What an identity is made from. Not the path, which differs from check to check. */
export type IdentityFacts = Omit<Findings, 'path' | 'resource'>;

export interface IdentitySettings extends PersonSettings {
  readonly preset: PresetName;
  readonly passAccessToken: boolean;
  readonly passAuthorization: boolean;
  /** Changes to the preset: the value of a claim, the value of another header, or removed. */
  readonly headers: Readonly<Record<string, false | { readonly claim: string } | { readonly from: string }>>;
}

/** The settings in the form that each check needs. */
export interface IdentityPolicy extends Pick<IdentitySettings, 'passAccessToken' | 'passAuthorization'> {
  readonly person: PersonPolicy;
  readonly managed: ReadonlyMap<string, ManagedHeader['value']>;
  /** Characters of the longest name. A longer name cannot be a spelling of one. */
  readonly longest: number;
  /** Names in requests that were found not to be a spelling of one. The same few come with each request. */
  readonly harmless: Set<string>;
  readonly removals: Removals;
  /** Undefined: the application receives headers only. */
  readonly internalToken: InternalTokenPolicy | undefined;
}

export function createIdentity(
  settings: IdentitySettings,
  internalToken?: InternalTokenPolicy,
): IdentityPolicy {
  const preset: Readonly<Record<string, ManagedHeader>> = presets[settings.preset];
  const managed = new Map(Object.entries(preset).map(([name, { value }]) => [name, value]));
  for (const [name, change] of Object.entries(settings.headers))
    managed.set(
      name,
      change === false ? nothing : 'claim' in change ? claimReader(change.claim) : of(change.from),
    );
  if (internalToken) managed.set(internalToken.header, (known) => known.internalToken);
  return {
    passAccessToken: settings.passAccessToken,
    passAuthorization: settings.passAuthorization,
    person: createPersonPolicy(settings),
    managed,
    longest: Math.max(0, ...[...managed.keys()].map(({ length }) => length)),
    harmless: new Set(),
    removals: new Removals(managed.keys()),
    internalToken,
  };

  function of(name: string): ManagedHeader['value'] {
    return preset[name]?.value ?? nothing;
  }
}

const nothing = () => undefined;

/**
 * A number or bool as it is, a text as a list of one, and the texts of a list. So the text `user,admin` is
 * never read as two roles.
 */
function claimReader(claim: string): ManagedHeader['value'] {
  const path = claimPath(claim);
  return ({ token }) => {
    const value = token && claimAt(token.claims, path);
    return typeof value === 'number' || typeof value === 'boolean' ? String(value) : list(texts(value), ',');
  };
}

/**
 * The identity headers of an allowed request. Each managed header is set or removed, so a missing claim never
 * leaves the client's own header in place. Its spelling with `_` for `-` is removed too, because CGI, WSGI
 * and many frameworks treat both alike. So is every other spelling that the request carries: some CGI servers
 * write `_` for each character that is not a letter or digit.
 */
export function identityHeaders(
  found: IdentityFacts,
  sent: Readonly<Record<string, string>>,
  policy: IdentityPolicy,
  odd = oddSpellings(sent, policy),
  internalToken?: string,
): Identity {
  const { managed, removals, passAccessToken, passAuthorization } = policy;
  const accessToken = passAccessToken || passAuthorization ? readAccessToken(found, sent) : undefined;
  const known: Known =
    passAccessToken || internalToken !== undefined
      ? { ...found, accessToken: passAccessToken ? accessToken : undefined, internalToken }
      : found;
  const set: [string, string][] = [];
  const missing: string[] = [];
  for (const [name, read] of managed) {
    const value = read(known);
    if (value === undefined || value === '') missing.push(name);
    else set.push([name, value]);
  }
  // Never removed: the application may want what the client sent.
  if (passAuthorization && accessToken)
    set.push(['authorization', `${found.scheme === 'dpop' ? 'DPoP' : 'Bearer'} ${accessToken}`]);
  return { set, remove: removals.of(missing, odd) };
}

/**
 * The names in a request that some CGI servers take for a managed header. A name that differs only in case is
 * the header itself. It may be set, so it must not be removed.
 */
export function oddSpellings(
  sent: Readonly<Record<string, string>>,
  { managed, longest, harmless }: IdentityPolicy,
): readonly string[] {
  const odd: string[] = [];
  for (const name of Object.keys(sent)) {
    if (name.length > longest || harmless.has(name)) continue;
    if (isOddSpelling(name, managed)) odd.push(name);
    else if (harmless.size < mostHarmless) harmless.add(name);
  }
  return odd;
}

/** A caller can write any names, but the first ones are those of every request. */
const mostHarmless = 1_000;

function isOddSpelling(name: string, managed: IdentityPolicy['managed']): boolean {
  if (/^[a-z0-9-]*$/i.test(name)) return false;
  return managed.has(plainSpelling(name.toLowerCase()));
}

/** A name in lower case as some CGI servers read it: every other character becomes the same one. */
export function plainSpelling(name: string): string {
  return name.replace(/[^a-z0-9]/g, '-');
}

/**
 * The access token of the request, after it was verified. Its form was checked when it was read. A copy,
 * because an identity is kept, and the header may be a slice of a whole message.
 */
function readAccessToken(
  { token, rule }: IdentityFacts,
  sent: Readonly<Record<string, string>>,
): string | undefined {
  if (!token || rule?.credential !== 'bearer') return undefined;
  const text = /^(?:bearer|dpop) ([^\s,]+)$/i.exec(sent.authorization ?? '')?.[1];
  return text && ownCopy(text);
}
