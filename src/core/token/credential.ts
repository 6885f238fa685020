import { Denial } from '../denial.ts';
import type { PresentedRequest } from '../evidence.ts';
import { readBearer } from './bearer.ts';
import { readClientAssertion } from './client-assertion.ts';
import { describeMissingToken } from './missing-token.ts';
import type { TokenKind } from './verified-token.ts';

/** A token as it was sent: decoded, not verified. */
export interface PresentedToken {
  readonly token: string;
  /** The client that a token request names. */
  readonly clientId?: string;
}

/** A place where a token may be, and the kinds of tokens that are accepted there. */
interface Credential {
  readonly read: (request: PresentedRequest) => PresentedToken | Denial;
  readonly kinds: ReadonlySet<TokenKind>;
}

export const credentialNames = ['bearer', 'client-assertion'] as const;
export type CredentialName = (typeof credentialNames)[number];

/** One row for each place. A rule names the one to read. */
export const credentials: Readonly<Record<CredentialName, Credential>> = {
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
