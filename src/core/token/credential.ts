import { Denial } from '../denial.ts';
import type { PresentedRequest } from '../evidence.ts';
import { readAuthorization } from './authorization.ts';
import { type AssertionType, readClientAssertion } from './client-assertion.ts';
import { describeMissingToken } from './missing-token.ts';
import type { TokenKind } from './verified-token.ts';
import { wit } from './wit-carriers.ts';
import { readWorkloadToken } from './workload-token.ts';

/** A token as it was sent: decoded, not verified. */
export interface PresentedToken {
  readonly token: string;
  /** Only of a client assertion. */
  readonly assertion?: AssertionType;
  /** The scheme of `Authorization`. Undefined: Bearer, or the token was not in this header. */
  readonly scheme?: 'dpop';
  /** The client that a token request names. */
  readonly clientId?: string | undefined;
}

/** A place where a token may be, and the kinds of tokens that are accepted there. */
interface Credential {
  readonly read: (request: PresentedRequest, authorizationServer?: string) => PresentedToken | Denial;
  readonly kinds: ReadonlySet<TokenKind>;
}

/** `client-certificate` is the only one without a token: the client is the peer, see `authenticatePeer`. */
export const credentialNames = ['bearer', 'client-assertion', 'client-certificate', 'wit'] as const;
export type CredentialName = (typeof credentialNames)[number];

/** Whether it authenticates the client of a token endpoint. Then it is read from the body of the request. */
export function isOfClient(credential: CredentialName | undefined): boolean {
  return credential === 'client-assertion' || credential === 'client-certificate';
}

/** One row for each place of a token. A rule names the one to read. */
export const credentials: Readonly<Record<Exclude<CredentialName, 'client-certificate'>, Credential>> = {
  bearer: {
    read(request) {
      return readAuthorization(request) ?? new Denial('token_missing', describeMissingToken(request));
    },
    kinds: new Set<TokenKind>(['access-token', 'opaque-token', 'service-account', 'jwt-svid']),
  },
  'client-assertion': {
    read: readClientAssertion,
    // An access token authorises. It does not authenticate the client that presents it.
    kinds: new Set<TokenKind>(['service-account', 'jwt-svid']),
  },
  wit: {
    read(request) {
      const token = readWorkloadToken(request);
      if (token === undefined) return new Denial('token_missing', `${wit.header} is missing`);
      return token instanceof Denial ? token : { token };
    },
    // Never a bearer token (draft-ietf-wimse-workload-creds-02 §3.1), so no other place accepts it.
    kinds: new Set<TokenKind>(['workload-identity-token']),
  },
};
