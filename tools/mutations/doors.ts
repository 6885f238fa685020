import type { Mutation } from './list.ts';

/** Of rules, headers, answers and doors. */
export const doors: readonly Mutation[] = [
  {
    name: 'match paths by prefix instead of by segment',
    file: 'src/lib/pattern.ts',
    from: 'part === segments[at])',
    to: 'segments[at]?.startsWith(part))',
  },
  {
    name: 'repair dot segments instead of refusing them',
    file: 'src/core/policy/path.ts',
    from: "if (segment === '.' || segment === '..') return new Malformed('a dot segment');",
    to: '',
  },
  {
    name: 'accept empty segments',
    file: 'src/core/policy/path.ts',
    from: "if (segment === '') return new Malformed('an empty segment');",
    to: '',
  },
  {
    name: 'accept escaped delimiters in a path',
    file: 'src/core/policy/path.ts',
    from: 'return unsafeEscape.test(text)',
    to: 'return (false as boolean)',
  },
  {
    name: 'one scope is enough',
    file: 'src/core/policy/requirements.ts',
    from: 'if (missing.length === 0) return undefined;',
    to: 'if (missing.length < required.length) return undefined;',
  },
  {
    name: 'forget one header',
    file: 'src/core/identity/presets.ts',
    from: "  'x-spiffe-id': { from: 'the SPIFFE ID of the peer', value: ({ peer }) => single(peer?.spiffeId?.uri) },\n",
    to: '',
  },
  {
    name: 'leave the spellings with _ alone',
    file: 'src/core/identity/identity.ts',
    from: 'const remove = new Set(underscored);',
    to: 'const remove = new Set<string>();',
  },
  {
    name: 'leave an absent claim alone',
    file: 'src/core/identity/identity.ts',
    from: "if (value === undefined || value === '') remove.add(name);",
    to: "if (value === undefined || value === '') continue;",
  },
  {
    name: 'swallow an error into allow',
    file: 'src/core/check.ts',
    from: '    return unexpected(error, found);\n',
    to: "    return { found, effect: 'allow', reason: 'allowed', identity: { set: [], remove: [] } };\n",
    also: ['test/core/check.test.ts'],
  },
  {
    name: 'take an outage for an allow',
    file: 'src/core/check.ts',
    from: "        effect: 'unavailable',\n        reason: error.reason,\n        detail: error.message,\n        retryAfter: error.retryAfter,\n",
    to: "        effect: 'allow',\n        reason: 'allowed',\n        identity: { set: [], remove: [] },\n",
    also: ['test/core/check.test.ts'],
  },
  {
    name: 'allow what comes too late',
    file: 'src/core/check.ts',
    from: 'if (clock() > moment.deadline)',
    to: 'if (false as boolean)',
    also: ['test/core/check.test.ts'],
  },
  {
    name: 'answer a denial with the code of an allow',
    file: 'src/grpc/check-response.ts',
    from: 'code: refusal.status === 401 ? status.UNAUTHENTICATED : status.PERMISSION_DENIED,',
    to: 'code: refusal.status === 401 ? status.UNAUTHENTICATED : status.OK,',
  },
  {
    name: 'let anybody say what was asked (X-Original-*)',
    file: 'src/http/check-request.ts',
    from: 'if (!auth.trusts(check.remoteAddress))',
    to: 'if (false as boolean)',
    also: ['test/hostile/http.test.ts'],
  },
  {
    name: 'believe a caller that came past our own sidecar',
    file: 'src/http/check-request.ts',
    from: 'if (by?.length !== 1 || by[0] !== xfcc.sidecar)',
    to: 'if (false as boolean)',
    also: ['test/hostile/http.test.ts'],
  },
  {
    name: 'believe x-forwarded-client-cert over HTTP unasked',
    file: 'src/http/check-request.ts',
    from: "if (!header || xfcc === 'none') return undefined;",
    to: "if (!header) return undefined;\n  if (xfcc === 'none') return header;",
    also: ['test/hostile/http.test.ts'],
  },
  {
    name: 'write the token into the log',
    file: 'src/operate/decision-log.ts',
    from: "    request_id: cut(request?.headers['x-request-id']),",
    to: "    request_id: cut(request?.headers['x-request-id']),\n    authorization: request?.headers.authorization,",
    also: ['test/hostile/stories.test.ts', 'test/operate/decision-log.test.ts'],
  },
];
