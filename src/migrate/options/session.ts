import { notNeeded, type Row, rows } from '../option.ts';

const session = notNeeded('Peerproof has no sessions and no cookies: each request has its own token');
const secret = notNeeded('Peerproof has no cookies: delete the secret from the cluster');
const page = notNeeded('Peerproof has no pages');
const log = notNeeded(
  'Peerproof always writes each decision to standard output, as a JSON line with its reason',
);

/** Options for sessions, pages and logs. */
export const sessions: Readonly<Record<string, Row>> = {
  ...rows(session, {
    duration: 'cookie-csrf-expire cookie-expire cookie-refresh',
    bool: `cookie-csrf-per-request cookie-httponly cookie-secure session-cookie-minimal
      redis-insecure-skip-tls-verify redis-use-cluster redis-use-sentinel`,
    number: 'cookie-csrf-per-request-limit redis-connection-idle-timeout',
    string: `cookie-csrf-samesite cookie-name cookie-path cookie-samesite session-store-type redis-ca-path
      redis-connection-url redis-password redis-sentinel-master-name redis-sentinel-password
      redis-username`,
    list: 'redis-cluster-connection-urls redis-sentinel-connection-urls',
  }),
  'cookie-domain': session('list', 'cookie_domains'),
  'cookie-secret': secret('string'),
  'cookie-secret-file': secret('string'),
  ...rows(page, {
    string: 'banner custom-sign-in-logo custom-templates-dir footer',
    bool: 'display-htpasswd-form show-debug-on-error',
  }),
  ...rows(log, {
    bool: `auth-logging errors-to-info-log logging-compress logging-local-time request-logging
      silence-ping-logging standard-logging`,
    string: `auth-logging-format logging-filename request-id-header request-logging-format
      standard-logging-format`,
    number: 'logging-max-age logging-max-backups logging-max-size',
  }),
  'exclude-logging-path': log('list', 'exclude_logging_paths'),
};
