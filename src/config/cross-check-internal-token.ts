import { presets } from '../core/identity/presets.ts';
import { type JsonObject, listOf, recordOf, textOf } from '../lib/json.ts';

interface Tell {
  readonly say: (path: readonly PropertyKey[], message: string) => void;
  readonly want: (path: readonly PropertyKey[], file: unknown) => void;
}

const place = ['identity', 'token'] as const;

/** Checks the settings of internal tokens against each other. The document may have any shape. */
export function crossCheckInternalToken(root: JsonObject, { say, want }: Tell): void {
  const identity = recordOf(root.identity);
  if (identity.token === undefined) {
    if (recordOf(root.listen).keys !== undefined)
      say(['listen', 'keys'], 'has no effect without identity.token: remove it');
    return;
  }
  const token = recordOf(identity.token);
  const { format = 'jwt', header, trustDomain } = token;
  for (const [at, file] of listOf(token.keyFiles).entries()) want([...place, 'keyFiles', at], file);
  if (format === 'txn-token') {
    if (trustDomain === undefined)
      say([...place, 'trustDomain'], 'is missing: a Transaction Token is valid in one trust domain');
    else if (!Object.hasOwn(recordOf(recordOf(root.peers).trustDomains), textOf(trustDomain)))
      say(
        [...place, 'trustDomain'],
        'is not in peers.trustDomains, so no workload could pass a token on: add it',
      );
    if (header !== undefined)
      say([...place, 'header'], 'has no effect with txn-token, which has its own header: remove it');
  } else if (trustDomain !== undefined)
    say([...place, 'trustDomain'], 'is only for the format txn-token: remove it');
  const name = format === 'txn-token' ? 'txn-token' : textOf(header);
  const isOfOther = header === 'txn-token' && format !== 'txn-token';
  if (Object.hasOwn(presets['oauth2-proxy'], name) || notManaged.test(name) || isOfOther)
    say([...place, 'header'], 'is used for something else: choose another one, such as x-peerproof-token');
  if (Object.hasOwn(recordOf(identity.headers), name || defaultHeader))
    say(['identity', 'headers', name || defaultHeader], 'is the header of identity.token: remove it');
}

export const defaultHeader = 'x-peerproof-token';

/** Headers that carry the request itself, or what another party proves. */
const notManaged =
  /^(?:authorization|dpop|host|connection|content-.*|transfer-encoding|te|trailer|upgrade|keep-alive|proxy-.*|expect|cookie|set-cookie|cache-control|x-envoy-.*|x-forwarded-.*|x-original-.*|x-request-id)$/;
