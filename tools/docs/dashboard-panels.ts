/** One panel. Its place follows from the order and the width. */
export interface Panel {
  readonly title: string;
  /** What a reader who sees it for the first time needs to know. */
  readonly says: string;
  readonly type: 'stat' | 'gauge' | 'timeseries' | 'table';
  /** By the text of the legend. `{{label}}` is the value of a label. */
  readonly show: Readonly<Record<string, string>>;
  /** Of 24 columns. */
  readonly width: number;
  readonly unit?: string;
  /** Red from this value on. With `low`, below it. */
  readonly red?: number;
  readonly low?: boolean;
  /** In place of numbers. */
  readonly texts?: Readonly<Record<string, string>>;
}

/** The rows of the dashboard. The first one answers the questions of somebody who was just woken. */
export const rows: Readonly<Record<string, readonly Panel[]>> = {
  'At a glance': [
    {
      title: 'Issuers',
      says: 'Red: requests to the issuer fail. The table below says since when.',
      ...{ type: 'stat', width: 6, red: 1, low: true, texts: { 0: 'down', 1: 'up' } },
      show: { '{{issuer}}': 'min by (issuer) (peerproof_issuer_up)' },
    },
    {
      title: 'Running configuration',
      says: 'Whether the running configuration is the one in the files.',
      ...{ type: 'stat', width: 5, red: 1 },
      texts: { 0: 'is that in the files', 1: 'waits for a restart', 2: 'the files are refused' },
      show: {
        configuration:
          'clamp_max(2 * max (peerproof_configuration_refused) + max (peerproof_configuration_restart_needed), 2)',
      },
    },
    {
      title: 'Nearest to its limit',
      says: 'How much of each limit is used, at the instance that uses most.',
      ...{ type: 'gauge', width: 9, unit: 'percentunit', red: 0.8 },
      show: {
        'checks that wait': 'max (instance:peerproof_checks_waiting:ratio)',
        'event loop': 'max (instance:peerproof_event_loop_delay:ratio)',
        'questions to an issuer':
          'max (peerproof_issuer_requests_in_flight / peerproof_issuer_requests_in_flight_limit)',
        'age of keys': 'max (peerproof_jwks_age_seconds / peerproof_jwks_max_age_seconds)',
      },
    },
    {
      title: 'Checks that fail',
      says: 'The share of checks that are answered 503 or 500.',
      ...{ type: 'stat', width: 4, unit: 'percentunit', red: 0.01 },
      show: {
        failing:
          '(sum (rate(peerproof_decisions_total{effect="unavailable"}[5m])) or vector(0)) / sum (rate(peerproof_decisions_total[5m]))',
      },
    },
  ],
  Decisions: [
    {
      title: 'Decisions',
      says: 'Checks a second.',
      ...{ type: 'timeseries', width: 12, unit: 'reqps' },
      show: { '{{effect}}': 'sum by (effect) (effect_reason_rule:peerproof_decisions:rate5m)' },
    },
    {
      title: 'Rules that refuse most, and why',
      says: 'Refusals in the time that the dashboard shows.',
      ...{ type: 'table', width: 12 },
      show: {
        refusals:
          'topk(20, sum by (rule, reason) (increase(peerproof_decisions_total{effect!="allow"}[$__range])) > 0)',
      },
    },
    {
      title: 'Time of a check',
      says: 'From the decoded check to its decision.',
      ...{ type: 'timeseries', width: 12, unit: 's' },
      show: {
        '{{door}} 99 %': 'door:peerproof_check_duration_seconds:p99_rate5m',
        '{{door}} 50 %':
          'histogram_quantile(0.5, sum by (door, le) (rate(peerproof_check_duration_seconds_bucket[5m])))',
      },
    },
    {
      title: 'Observed rules: what they would refuse',
      says: 'Requests a second that pass only because the rule is observed.',
      ...{ type: 'timeseries', width: 12, unit: 'reqps' },
      show: { '{{rule}} {{reason}}': 'sum by (rule, reason) (rate(peerproof_would_deny_total[5m]))' },
    },
  ],
  Issuers: [
    {
      title: 'Issuers that are down, and since when',
      says: 'Since the first failure that any instance knows of. Empty if all are up.',
      ...{ type: 'table', width: 12, unit: 'dateTimeFromNow' },
      show: {
        'down since':
          'min by (issuer, url) (1000 * (peerproof_issuer_failing_since_timestamp_seconds > 0) * on (instance, issuer) group_left (url) peerproof_issuer_info)',
      },
    },
    {
      title: 'Age of keys',
      says: 'As a share of the age at which they are not used any more (`keep`).',
      ...{ type: 'timeseries', width: 12, unit: 'percentunit' },
      show: {
        '{{issuer}}': 'max by (issuer) (peerproof_jwks_age_seconds / peerproof_jwks_max_age_seconds)',
      },
    },
    {
      title: 'Requests to issuers',
      says: 'Requests a second, by kind and outcome.',
      ...{ type: 'timeseries', width: 12, unit: 'reqps' },
      show: {
        '{{issuer}} {{kind}} {{outcome}}':
          'sum by (issuer, kind, outcome) (rate(peerproof_issuer_requests_total[5m]))',
      },
    },
    {
      title: 'Time of a request to an issuer, 99 %',
      says: 'A check that needs the answer waits as long.',
      ...{ type: 'timeseries', width: 12, unit: 's' },
      show: { '{{issuer}} {{kind}}': 'issuer_kind:peerproof_issuer_request_duration_seconds:p99_rate5m' },
    },
  ],
  Configuration: [
    {
      title: 'Versions in use',
      says: 'More than one row: instances decide by different configurations.',
      ...{ type: 'table', width: 12 },
      show: { instances: 'count by (version) (peerproof_configuration_info)' },
    },
    {
      title: 'Builds in use',
      says: 'Versions of Peerproof and of Node.',
      ...{ type: 'table', width: 6 },
      show: { instances: 'count by (version, node) (peerproof_build_info)' },
    },
    {
      title: 'Loaded',
      says: 'When the newest configuration was loaded.',
      ...{ type: 'stat', width: 6, unit: 'dateTimeFromNow' },
      show: { loaded: '1000 * max (peerproof_configuration_loaded_timestamp_seconds)' },
    },
  ],
  Limits: [
    {
      title: 'Checks that wait, of limits.waitingChecks',
      says: 'A quarter is reserved for known tokens. Refused checks are `overloaded`.',
      ...{ type: 'timeseries', width: 12, unit: 'short' },
      show: {
        '{{issuer}} waiting': 'sum by (issuer) (peerproof_checks_waiting)',
        limit: 'sum (peerproof_checks_waiting_limit)',
        '{{issuer}} refused a second': 'sum by (issuer) (rate(peerproof_checks_shed_total[5m]))',
      },
    },
    {
      title: 'Delay of the event loop, of limits.eventLoopDelay',
      says: 'Above the limit the process is not ready.',
      ...{ type: 'timeseries', width: 12, unit: 's' },
      show: {
        '{{instance}} {{stat}}': 'peerproof_event_loop_delay_seconds{stat=~"mean|max"}',
        limit: 'max (peerproof_event_loop_delay_limit_seconds)',
      },
    },
    {
      title: 'Caches: found',
      says: 'The share of look-ups that found an entry.',
      ...{ type: 'timeseries', width: 6, unit: 'percentunit' },
      show: { '{{cache}}': 'cache:peerproof_cache_hits:ratio_rate5m' },
    },
    {
      title: 'Caches: filled',
      says: 'A full cache drops its older half.',
      ...{ type: 'timeseries', width: 6, unit: 'percentunit' },
      show: { '{{cache}}': 'max by (cache) (peerproof_cache_bytes / (peerproof_cache_limit_bytes > 0))' },
    },
    {
      title: 'Certificates and authorities: lifetime left',
      says: 'Below 20 % something was not renewed.',
      ...{ type: 'gauge', width: 6, unit: 'percentunit', red: 0.2, low: true },
      show: {
        'port {{door}}': 'min by (door) (peerproof_certificate_lifetime_remaining_ratio)',
        '{{trust_domain}}': 'min by (trust_domain) (peerproof_bundle_lifetime_remaining_ratio)',
      },
    },
    {
      title: 'Log lines that were lost',
      says: 'Dropped: nobody read them in time. Left out: log.maxLinesPerSecond.',
      ...{ type: 'timeseries', width: 6, unit: 'short' },
      show: {
        dropped: 'sum (rate(peerproof_log_lines_dropped_total[5m]))',
        'left out': 'sum (rate(peerproof_log_lines_limited_total[5m]))',
      },
    },
  ],
};
