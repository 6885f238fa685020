import { Denial } from '../denial.ts';
import type { PresentedRequest } from '../evidence.ts';
import { readBearer } from './bearer.ts';
import { readClientAssertion } from './client-assertion.ts';
import type { TokenKind } from './verified-token.ts';

/** A token as it was sent: decoded, not believed. */
export interface PresentedToken {
  readonly token: string;
  /** Whom a token request names as its client. */
  readonly clientId?: string;
}

/** One place where a token may be, and what kinds of token count there. */
interface Credential {
  readonly read: (request: PresentedRequest) => PresentedToken | Denial;
  readonly kinds: ReadonlySet<TokenKind>;
}

export const credentialNames = ['bearer', 'client-assertion'] as const;
export type CredentialName = (typeof credentialNames)[number];

/** One row a place. A rule names the one that it looks at. */
export const credentials: Readonly<Record<CredentialName, Credential>> = {
  bearer: {
    read(request) {
      const token = readBearer(request);
      if (token === undefined) return new Denial('token_missing');
      return token instanceof Denial ? token : { token };
    },
    kinds: new Set<TokenKind>(['access-token', 'opaque-token', 'service-account', 'jwt-svid']),
  },
  'client-assertion': {
    read(request) {
      const presented = readClientAssertion(request);
      return presented instanceof Denial
        ? presented
        : { token: presented.assertion, clientId: presented.clientId };
    },
    // An access token authorises; it does not authenticate the client that holds it.
    kinds: new Set<TokenKind>(['service-account', 'jwt-svid']),
  },
};
