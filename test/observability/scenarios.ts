/** Values of series as promtool reads them: one each 30 seconds. `a+bxn` rises by b. */
export type Series = Readonly<Record<string, string>>;

/** What an installation without a problem shows for 100 minutes. */
export const healthy: Series = {
  'peerproof_build_info{instance="a",version="0.1.0",node="v26.0.0"}': '1x200',
  'peerproof_configuration_info{instance="a",version="one"}': '1x200',
  'peerproof_configuration_info{instance="b",version="one"}': '1x200',
  'peerproof_configuration_refused{instance="a"}': '0x200',
  'peerproof_configuration_restart_needed{instance="a"}': '0x200',
  'peerproof_issuer_up{instance="a",issuer="corp"}': '1x200',
  'peerproof_issuer_up{instance="a",issuer="file"}': '1x200',
  'peerproof_issuer_requests_total{instance="a",issuer="corp",kind="keys",outcome="answered"}': '0+1x200',
  'peerproof_issuer_requests_total{instance="a",issuer="corp",kind="keys",outcome="failed"}': '0x200',
  'peerproof_issuer_request_duration_seconds_bucket{instance="a",issuer="corp",kind="keys",le="0.1"}':
    '0+1x200',
  'peerproof_issuer_request_duration_seconds_bucket{instance="a",issuer="corp",kind="keys",le="5"}':
    '0+1x200',
  'peerproof_issuer_request_duration_seconds_bucket{instance="a",issuer="corp",kind="keys",le="+Inf"}':
    '0+1x200',
  'peerproof_jwks_age_seconds{instance="a",issuer="corp"}': '60x200',
  'peerproof_jwks_max_age_seconds{instance="a",issuer="corp"}': '86400x200',
  'peerproof_checks_shed_total{instance="a",issuer="corp"}': '0x200',
  'peerproof_checks_waiting{instance="a",issuer="corp"}': '3x200',
  'peerproof_checks_waiting_limit{instance="a"}': '1000x200',
  'peerproof_decisions_total{instance="a",effect="allow",reason="allowed",rule="orders",door="grpc"}':
    '0+300x200',
  'peerproof_decisions_total{instance="a",effect="deny",reason="token_expired",rule="orders",door="grpc"}':
    '0+6x200',
  'peerproof_decisions_total{instance="a",effect="deny",reason="binding_workload_mismatch",rule="orders",door="grpc"}':
    '2x200',
  'peerproof_check_duration_seconds_bucket{instance="a",effect="allow",door="grpc",le="0.001"}': '0+300x200',
  'peerproof_check_duration_seconds_bucket{instance="a",effect="allow",door="grpc",le="5"}': '0+300x200',
  'peerproof_check_duration_seconds_bucket{instance="a",effect="allow",door="grpc",le="+Inf"}': '0+300x200',
  'peerproof_event_loop_delay_seconds{instance="a",stat="mean"}': '0.01x200',
  'peerproof_event_loop_delay_seconds{instance="a",stat="max"}': '0.9x200',
  'peerproof_event_loop_delay_limit_seconds{instance="a"}': '1x200',
  'peerproof_certificate_lifetime_remaining_ratio{instance="a",door="grpc"}': '0.8x200',
  'peerproof_bundle_up{instance="a",trust_domain="cluster.local"}': '1x200',
  'peerproof_bundle_lifetime_remaining_ratio{instance="a",trust_domain="cluster.local"}': '0.6x200',
  'peerproof_log_lines_dropped_total{instance="a"}': '0x200',
  'peerproof_worker_restarts_total{instance="a"}': '1x200',
};

/** What makes an alert fire, beside what is healthy otherwise. */
export interface Scenario {
  readonly title: string;
  /** They replace those that are healthy. `_`: the series is not there. */
  readonly series: Series;
  /** The names of the alerts that fire after 90 minutes, and no others. */
  readonly fires: readonly string[];
}

const failed = 'peerproof_issuer_requests_total{instance="a",issuer="corp",kind="keys",outcome="failed"}';
const corpUp = 'peerproof_issuer_up{instance="a",issuer="corp"}';
const denied =
  'peerproof_decisions_total{instance="a",effect="deny",reason="token_expired",rule="orders",door="grpc"}';

export const scenarios: readonly Scenario[] = [
  { title: 'everything is well', series: {}, fires: [] },
  {
    title: 'nothing is scraped',
    series: Object.fromEntries(Object.keys(healthy).map((series) => [series, '_x200'])),
    fires: ['PeerproofAbsent'],
  },
  {
    title: 'an issuer fails again and again',
    series: { [corpUp]: '1x150 0x50', [failed]: '0x140 0+2x60' },
    fires: ['PeerproofIssuerDown'],
  },
  {
    title: 'one question failed an hour ago, and nobody asked since',
    series: { [corpUp]: '1x100 0x100', [failed]: '0x100 1x100' },
    fires: [],
  },
  {
    title: 'the file of an issuer cannot be read',
    series: { 'peerproof_issuer_up{instance="a",issuer="file"}': '1x150 0x50' },
    fires: ['PeerproofIssuerDown'],
  },
  {
    title: 'the keys of an issuer that is down get old',
    series: {
      [corpUp]: '0x200',
      [failed]: '0+2x200',
      'peerproof_jwks_age_seconds{instance="a",issuer="corp"}': '43000+30x200',
    },
    fires: ['PeerproofIssuerDown', 'PeerproofKeysTooOldSoon'],
  },
  {
    title: 'an issuer is slow',
    series: {
      'peerproof_issuer_request_duration_seconds_bucket{instance="a",issuer="corp",kind="keys",le="0.1"}':
        '0x200',
    },
    fires: ['PeerproofIssuerSlow'],
  },
  {
    title: 'checks find no place',
    series: { 'peerproof_checks_shed_total{instance="a",issuer="corp"}': '0+5x200' },
    fires: ['PeerproofChecksShed'],
  },
  {
    title: 'many checks wait',
    series: { 'peerproof_checks_waiting{instance="a",issuer="corp"}': '700x200' },
    fires: ['PeerproofWaitingNearLimit'],
  },
  {
    title: 'one check in twenty is an outage',
    series: {
      'peerproof_decisions_total{instance="a",effect="unavailable",reason="issuer_unavailable",rule="orders",door="grpc"}':
        '0+15x200',
    },
    fires: ['PeerproofOutages'],
  },
  {
    title: 'a bug, and the series begins with it',
    series: {
      'peerproof_decisions_total{instance="a",effect="unavailable",reason="internal_error",rule="",door="grpc"}':
        '_x170 1x30',
    },
    fires: ['PeerproofInternalErrors'],
  },
  {
    title: 'a bug an hour ago',
    series: {
      'peerproof_decisions_total{instance="a",effect="unavailable",reason="internal_error",rule="",door="grpc"}':
        '_x60 1x140',
    },
    fires: [],
  },
  {
    title: 'a rule refuses suddenly',
    series: { [denied]: '0+6x140 840+300x60' },
    fires: ['PeerproofRefusalsJump'],
  },
  { title: 'a rule always refuses much', series: { [denied]: '0+300x200' }, fires: [] },
  {
    title: 'tokens of other workloads',
    series: {
      'peerproof_decisions_total{instance="a",effect="deny",reason="binding_workload_mismatch",rule="orders",door="grpc"}':
        '2+1x200',
    },
    fires: ['PeerproofForeignTokens'],
  },
  {
    title: 'checks are slow',
    series: {
      'peerproof_check_duration_seconds_bucket{instance="a",effect="allow",door="grpc",le="0.001"}': '0x200',
    },
    fires: ['PeerproofChecksSlow'],
  },
  {
    title: 'a process is busy',
    series: { 'peerproof_event_loop_delay_seconds{instance="a",stat="mean"}': '0.7x200' },
    fires: ['PeerproofEventLoopSlow'],
  },
  {
    title: 'a configuration is refused',
    series: { 'peerproof_configuration_refused{instance="a"}': '0x150 1x50' },
    fires: ['PeerproofConfigurationRefused'],
  },
  {
    title: 'the file of a team is broken',
    series: {
      'peerproof_owner_info{instance="a",owner="billing",state="accepted"}': '1x150',
      'peerproof_owner_info{instance="a",owner="billing",state="last_good"}': '_x150 1x50',
      'peerproof_owner_info{instance="a",owner="payments",state="conflicted"}': '1x200',
    },
    fires: ['PeerproofOwnerRulesRefused'],
  },
  {
    title: 'one replica does not hear the API server',
    series: {
      'peerproof_rules_from_up{instance="a",source="kubernetes"}': '1x200',
      'peerproof_rules_from_up{instance="b",source="kubernetes"}': '1x150 0x50',
    },
    fires: ['PeerproofTeamRulesUnavailable'],
  },
  {
    title: 'one replica does not read the revocations',
    series: {
      'peerproof_revocations_age_seconds{instance="a",place="store"}': '0.5x200',
      'peerproof_revocations_age_seconds{instance="b",place="store"}': '1x150 20+30x50',
    },
    fires: ['PeerproofRevocationsStale'],
  },
  {
    title: 'the memory for revocations is nearly full',
    series: {
      'peerproof_revocations_bytes{instance="a",place="store"}': '900x200',
      'peerproof_revocations_limit_bytes{instance="a",place="store"}': '1000x200',
    },
    fires: ['PeerproofRevocationsNearLimit'],
  },
  {
    title: 'events of a transmitter are refused',
    series: {
      'peerproof_security_events_total{instance="a",transmitter="idp",result="revoked"}': '0+1x200',
      'peerproof_security_events_total{instance="a",transmitter="idp",result="refused"}': '0x150 1+1x50',
    },
    fires: ['PeerproofSecurityEventsFail'],
  },
  {
    title: 'a part waits for a restart',
    series: { 'peerproof_configuration_restart_needed{instance="a"}': '1x200' },
    fires: ['PeerproofRestartNeeded'],
  },
  {
    title: 'one of two instances has another configuration',
    series: {
      'peerproof_configuration_info{instance="b",version="one"}': '_x200',
      'peerproof_configuration_info{instance="b",version="two"}': '1x200',
    },
    fires: ['PeerproofConfigurationsDiffer'],
  },
  {
    title: 'a certificate is not renewed',
    series: { 'peerproof_certificate_lifetime_remaining_ratio{instance="a",door="grpc"}': '0.15x200' },
    fires: ['PeerproofCertificateExpires'],
  },
  {
    title: 'a bundle cannot be read',
    series: { 'peerproof_bundle_up{instance="a",trust_domain="cluster.local"}': '0x200' },
    fires: ['PeerproofBundleDown'],
  },
  {
    title: 'the authorities of a bundle are not renewed',
    series: {
      'peerproof_bundle_lifetime_remaining_ratio{instance="a",trust_domain="cluster.local"}': '0.1x200',
    },
    fires: ['PeerproofBundleExpires'],
  },
  {
    title: 'the store does not answer one of two instances',
    series: {
      'peerproof_store_up{instance="a"}': '1x150 0x50',
      'peerproof_store_up{instance="b"}': '1x200',
    },
    fires: ['PeerproofStoreDown'],
  },
  {
    title: 'the memory of used proofs is nearly full',
    series: {
      'peerproof_used_proofs_bytes{instance="a"}': '60000000x200',
      'peerproof_used_proofs_limit_bytes{instance="a"}': '67108864x200',
    },
    fires: ['PeerproofUsedProofsNearLimit'],
  },
  {
    title: 'nobody reads the log',
    series: { 'peerproof_log_lines_dropped_total{instance="a"}': '0+9x200' },
    fires: ['PeerproofLogLinesDropped'],
  },
  {
    title: 'workers end again and again',
    series: { 'peerproof_worker_restarts_total{instance="a"}': '1x160 1+1x40' },
    fires: ['PeerproofWorkersRestart'],
  },
];
