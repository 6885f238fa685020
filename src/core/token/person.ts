import { Denial } from '../denial.ts';
import { claimAt, claimPath } from './claim-path.ts';
import type { VerifiedToken } from './verified-token.ts';

/** Whom a token speaks of, in the words of OpenID Connect Core §5.1. What is absent or no text is undefined. */
export interface Person {
  readonly user: string | undefined;
  readonly email: string | undefined;
  readonly preferredUsername: string | undefined;
  readonly groups: readonly string[];
}

/** Where a person's attributes stand in a token, and what an e-mail address must be to count. */
export interface PersonSettings {
  /** Each a claim's name, or a JSON pointer. */
  readonly claims: { readonly email: string; readonly preferredUsername: string; readonly groups: string };
  readonly allowInsecureUnverifiedEmail: boolean;
  /** oauth2-proxy refuses a token with an unverified address, and takes `sub` where there is no address. */
  readonly preset: string;
}

/** The settings, with the names of claims taken apart once and not for each token. */
export interface PersonPolicy extends Omit<PersonSettings, 'claims'> {
  readonly claims: { readonly [Attribute in keyof PersonSettings['claims']]: ReturnType<typeof claimPath> };
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
  };
}

/**
 * Reads the person of a verified token. The claim `email` counts beside `email_verified: true` alone, because many issuers
 * let people of any tenant write what they like there: else it is left out. As oauth2-proxy does, its preset believes the
 * address also where the issuer says nothing of it, and refuses the token where it says no. `email_verified` says nothing of
 * another claim.
 */
export function readPerson(token: VerifiedToken, settings: PersonPolicy): Person | Denial {
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
  const email = unverified ? undefined : text(read(emailClaim));
  return {
    user,
    email: email ?? (asOauth2Proxy ? user : undefined),
    preferredUsername: text(read(preferredUsername)),
    groups: texts(read(groups)),
  };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A list, or a scalar as a list of one; what is no text in it does not count. */
export function texts(value: unknown): readonly string[] {
  return (Array.isArray(value) ? value : [value]).filter((one) => typeof one === 'string' && one !== '');
}
