import { Denial } from '../denial.ts';
import type { PresentedRequest } from '../evidence.ts';
import { readBearer } from './bearer.ts';
import { type AssertionType, readClientAssertion } from './client-assertion.ts';
import { describeMissingToken } from './missing-token.ts';
import type { TokenKind } from './verified-token.ts';

/** A token as it was sent: decoded, not verified. */
export interface PresentedToken {
  readonly token: string;
  /** Only of a client assertion. */
  readonly assertion?: AssertionType;
  /** The client that a token request names. */
  readonly clientId?: string | undefined;
}

/** A place where a token may be, and the kinds of tokens that are accepted there. */
interface Credential {
  readonly read: (request: PresentedRequest, authorizationServer?: string) => PresentedToken | Denial;
  readonly kinds: ReadonlySet<TokenKind>;
}

/** `client-certificate` is the only one without a token: the client is the peer, see `authenticatePeer`. */
export const credentialNames = ['bearer', 'client-assertion', 'client-certificate'] as const;
export type CredentialName = (typeof credentialNames)[number];

/** Whether it authenticates the client of a token endpoint. Then it is read from the body of the request. */
export function isOfClient(credential: CredentialName | undefined): boolean {
  return credential !== undefined && credential !== 'bearer';
}

/** One row for each place of a token. A rule names the one to read. */
export const credentials: Readonly<Record<Exclude<CredentialName, 'client-certificate'>, Credential>> = {
  bearer: {
    read(request) {
      const token = readBearer(request);
      if (token === undefined) return new Denial('token_missing', describeMissingToken(request));
      return token instanceof Denial ? token : { token };
    },
    kinds: new Set<TokenKind>(['access-token', 'opaque-token', 'service-account', 'jwt-svid']),
  },
  'client-assertion': {
    read: readClientAssertion,
    // An access token authorises. It does not authenticate the client that presents it.
    kinds: new Set<TokenKind>(['service-account', 'jwt-svid']),
  },
};
