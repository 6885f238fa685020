import type { LoadedConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { plainSpelling } from '../core/identity/identity.ts';
import { type UnreadHeaders, unreadHeaders } from '../grpc/unread-headers.ts';
import { listRules } from './create-policy.ts';
import { headerOf } from './internal-token.ts';

/**
 * The headers that neither a configuration nor its shadow reads. A condition may read any header. A managed
 * header has spellings with other characters, and the check looks for them.
 */
export function unreadBy({ config, shadow }: LoadedConfig): UnreadHeaders {
  const both = shadow ? [config, shadow.config] : [config];
  const conditions = both.flatMap(listRules).flatMap(({ require }) => require?.when ?? []);
  const readAll = conditions.some(({ reads }) => reads.headers === 'all');
  const named = new Set(
    conditions.flatMap(({ reads }) => (reads.headers === 'all' ? [] : [...reads.headers])),
  );
  return unreadHeaders((name) => {
    const plain = plainSpelling(name);
    const isManaged = ({ identity: { headers, token } }: Config) =>
      Object.hasOwn(headers, plain) || (token !== undefined && headerOf(token) === plain);
    return readAll || named.has(name) || both.some(isManaged);
  });
}
