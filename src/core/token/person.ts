import { filledText } from '../../lib/json.ts';
import { Denial } from '../denial.ts';
import { claimAt, claimPath } from './claim-path.ts';
import type { VerifiedToken } from './verified-token.ts';

/** The person that a token names (OpenID Connect Core §5.1). Undefined: missing, or not a text. */
export interface Person {
  readonly user: string | undefined;
  readonly email: string | undefined;
  readonly preferredUsername: string | undefined;
  readonly groups: readonly string[];
}

/** Which claims describe a person, and when an e-mail address is trusted. */
export interface PersonSettings {
  /** Each is the name of a claim, or a JSON pointer. */
  readonly claims: { readonly email: string; readonly preferredUsername: string; readonly groups: string };
  readonly allowInsecureUnverifiedEmail: boolean;
  /** `oauth2-proxy` refuses a token with an unverified address, and uses `sub` if there is no address. */
  readonly preset: string;
}

/** The settings with the claim names already parsed. */
export interface PersonPolicy extends Omit<PersonSettings, 'claims'> {
  readonly claims: { readonly [Attribute in keyof PersonSettings['claims']]: ReturnType<typeof claimPath> };
  /** What was read before from a token that serves several checks. Its claims never change. */
  readonly known: WeakMap<VerifiedToken, Person | Denial>;
}

export function createPersonPolicy({
  claims: { email, preferredUsername, groups },
  allowInsecureUnverifiedEmail,
  preset,
}: PersonSettings): PersonPolicy {
  return {
    allowInsecureUnverifiedEmail,
    preset,
    claims: {
      email: claimPath(email),
      preferredUsername: claimPath(preferredUsername),
      groups: claimPath(groups),
    },
    known: new WeakMap(),
  };
}

/**
 * Reads the person of a verified token. The claim `email` is used only with `email_verified: true`, because
 * many issuers let users of any tenant enter an address. Without it the address is left out. The oauth2-proxy
 * preset behaves like oauth2-proxy: it trusts the address if `email_verified` is absent, and refuses the
 * token if it is false. `email_verified` says nothing about other claims.
 */
export function readPerson(token: VerifiedToken, settings: PersonPolicy): Person | Denial {
  const known = settings.known.get(token);
  if (known) return known;
  const person = readFrom(token, settings);
  if (token.digest !== undefined) settings.known.set(token, person);
  return person;
}

function readFrom(token: VerifiedToken, settings: PersonPolicy): Person | Denial {
  const { claims, subject: user } = token;
  const { email: emailClaim, preferredUsername, groups } = settings.claims;
  const read = (path: readonly string[]) => claimAt(claims, path);
  const asOauth2Proxy = settings.preset === 'oauth2-proxy';
  const enough: readonly unknown[] = asOauth2Proxy ? [true, 'true', undefined] : [true, 'true'];
  const unverified =
    emailClaim.length === 1 &&
    emailClaim[0] === 'email' &&
    !settings.allowInsecureUnverifiedEmail &&
    !enough.includes(claims.email_verified);
  if (unverified && asOauth2Proxy) return new Denial('email_not_verified', 'email_verified is not true');
  const email = unverified ? undefined : filledText(read(emailClaim));
  return {
    user,
    email: email ?? (asOauth2Proxy ? user : undefined),
    preferredUsername: filledText(read(preferredUsername)),
    groups: texts(read(groups)),
  };
}

/** The texts of a list, or of a scalar as a list of one. Other values are ignored. */
export function texts(value: unknown): readonly string[] {
  return (Array.isArray(value) ? value : [value]).filter((one) => typeof one === 'string' && one !== '');
}
