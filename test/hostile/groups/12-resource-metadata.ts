import { type AtEnvoy, type Case, each, type Group } from '../case.ts';
import { http } from '../makers/http.ts';

const host = 'mcp.example.com';
const top = '/.well-known/oauth-protected-resource';

/** A request that somebody could take for one for the document of the only resource. Nobody has a token. */
const ask = (more: ReturnType<Case['send']>, reason: Case['reason'], envoy?: AtEnvoy): Case => ({
  send: () => ({ host, path: `${top}/tools`, ...more }),
  reason,
  ...(envoy && { envoy }),
});

const served = 'metadata_served';
const normalised: AtEnvoy = { normalised: served };

export const group: Group = {
  number: 12,
  title: 'Path, host and method',
  items: {
    'a document about a resource, and a way to another one': {
      source: 'RFC 9728 §3.1, §7.3; CVE-2026-26205',
      cases: {
        'the document': ask({}, served),
        HEAD: ask({ method: 'HEAD' }, served),
        'with a stolen token': ask({ headers: [['authorization', 'Bearer stolen']] }, served),
        'with identity headers': ask({ headers: [['x-auth-request-user', 'root']] }, served),
        ...each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'], (method) => [
          method,
          ask({ method }, 'no_rule'),
        ]),
        ...each(
          [
            [`${top}`, 'no_rule'],
            [`${top}/tools/`, 'no_rule'],
            [`${top}/tools/x`, 'no_rule'],
            [`${top}/tools?resource=https://evil.example`, 'no_rule'],
            [`${top}/TOOLS`, 'no_rule'],
            [`${top}s/tools`, 'no_rule'],
            [`/x${top}/tools`, 'no_rule'],
            [`${top}/%74ools`, 'no_rule', normalised],
            [`${top}/./tools`, 'path_ambiguous', normalised],
            [`${top}/x/../tools`, 'path_ambiguous', normalised],
            [`${top}/%2e%2e/oauth-protected-resource/tools`, 'path_ambiguous', normalised],
            [`/${top}/tools`, 'path_ambiguous'],
            [`${top}//tools`, 'path_ambiguous'],
            [`${top};x/tools`, 'path_ambiguous'],
            [`${top}/tools;x`, 'path_ambiguous'],
            [`${top}%2ftools`, 'path_ambiguous'],
            [`${top}/tools%00`, 'path_ambiguous', { normalised: 400 }],
          ] as const,
          ([path, reason, envoy]) => [path, ask({ path }, reason, envoy)],
        ),
        ...each(['evil.example', 'mcp.example.com.evil.example', 'mcp.example.com:8080'], (other) => [
          `the host ${other}`,
          ask({ host: other }, 'no_rule'),
        ]),
        'another host, and the right one in other headers': ask(
          {
            host: 'evil.example',
            headers: [
              ['x-forwarded-host', host],
              ['forwarded', `host=${host}`],
              ['x-original-host', host],
            ],
          },
          'no_rule',
        ),
        'another path in other headers': ask(
          {
            path: '/admin/x',
            headers: [
              ['x-envoy-original-path', `${top}/tools`],
              ['x-original-uri', `${top}/tools`],
              ['x-http-method-override', 'GET'],
            ],
          },
          'token_missing',
        ),
      },
      http: {
        // With status 200 a check over HTTP is an allow.
        'over HTTP the rules decide': http('check', { host, target: `${top}/tools` }, 'no_rule'),
        'over HTTP, a proxy of another convention': http(
          'nginx',
          {
            target: '/oauth2/auth',
            headers: [
              ['x-original-method', 'GET'],
              ['x-original-uri', `${top}/tools`],
              ['x-original-host', host],
            ],
          },
          'no_rule',
        ),
      },
    },
  },
};
