/** What the person who is woken by an alert reads. */
export interface RunbookEntry {
  /** What the alert says, and what callers notice. */
  readonly means: string;
  /** In this order. */
  readonly steps: readonly string[];
  /** When another threshold is right. */
  readonly tune?: string;
}

/** By the name of the alert. The generator requires one for each. */
export const runbook: Readonly<Record<string, RunbookEntry>> = {
  PeerproofAbsent: {
    means:
      'Prometheus has no series of Peerproof. Either no instance runs, and proxies refuse every protected request, or Prometheus cannot reach the admin port.',
    steps: [
      'Look at the pods: `kubectl -n peerproof get pods`. A pod that does not start says why at the end of its log.',
      'If they run, look at the targets in Prometheus. The admin port must be reachable: compare `listen.admin`, the NetworkPolicy, and the labels of the ServiceMonitor or PodMonitor.',
    ],
  },
  PeerproofIssuerDown: {
    means:
      'Requests to an issuer fail without a success in between, or the file with its keys cannot be read. Tokens whose keys are known are accepted until `keep` is over. Tokens that need an answer of the issuer are answered 503.',
    steps: [
      'Read why: `failure` of the issuer in `/readyz` on a loopback address, or `keys_unavailable` in the log.',
      '`peerproof_issuer_failing_since_timestamp_seconds` says since when, and `peerproof_issuer_info` which URL it is.',
      'Ask the issuer from the network of a pod. Look at DNS, the egress rules, its certificate, and then at the issuer itself.',
      'Nothing has to be restarted afterwards: the next attempt is made within 30 seconds, and within two seconds if a check needs it.',
    ],
    tune: 'an issuer that is often away for some minutes, and has keys for a day, may have a longer `for`.',
  },
  PeerproofKeysTooOldSoon: {
    means:
      'An issuer has been down for half of the time that its keys are used (`keep`). When the time is over, its tokens are answered 503.',
    steps: [
      'Follow [PeerproofIssuerDown](#peerproofissuerdown). This is its last warning.',
      'Do not restart instances, and do not change the settings of this issuer: both begin without keys.',
      'If the issuer does not come back in time, put its public keys into the configuration (`jwks`).',
    ],
  },
  PeerproofIssuerSlow: {
    means:
      'An issuer needs more than a second for one request in a hundred. Checks that need its answer wait as long.',
    steps: [
      'Look at `kind`. `keys` delays only tokens with an unknown key. `token_review` and `introspection` delay each token that is not remembered.',
      'Look at the load of the issuer. A longer `remember` means fewer questions.',
      'Look whether checks find no place: `peerproof_checks_shed_total`.',
    ],
    tune: 'an issuer on another continent may need two seconds.',
  },
  PeerproofChecksShed: {
    means: 'Checks are refused at once (`overloaded`, 503), because too many others wait for the issuer.',
    steps: [
      'Look whether the issuer is slow or down: `peerproof_issuer_up`, `peerproof_issuer_request_duration_seconds`.',
      'Look whether one sender floods: `peerproof log --since 10m --reason overloaded --stats` lists the peers.',
      'If the issuer is well and all senders are honest, raise `limits.waitingChecks` or add replicas.',
    ],
  },
  PeerproofWaitingNearLimit: {
    means:
      'More than 60 % of the places for checks that wait are taken. A quarter is reserved for known tokens, so a new token finds no place soon.',
    steps: [
      'Find the issuer: `peerproof_checks_waiting` by `issuer`.',
      'Follow [PeerproofIssuerSlow](#peerproofissuerslow) for it.',
    ],
  },
  PeerproofOutages: {
    means: 'More than one check in a hundred is answered 503 or 500. The label `reason` says why.',
    steps: [
      'Open the section of the reason below. The alert links to it (`reason_url`).',
      'Look at the rules and issuers: `peerproof log --since 10m --reason REASON --group`.',
    ],
  },
  PeerproofInternalErrors: {
    means: 'A check ended with an error that nobody expected. The request was refused.',
    steps: [
      'Find the line: `peerproof log --since 1h --reason internal_error`. Its detail has the error.',
      'Report it with this line. If a new version or configuration began it, go back to the one before.',
    ],
  },
  PeerproofRefusalsJump: {
    means:
      'A rule refuses more than a fifth of its requests, and more than three times as many as an hour ago. Something changed: a client, an issuer, the rules, or somebody tries tokens.',
    steps: [
      'Read the reasons: `peerproof log --since 30m --deny --rule RULE --group`. Each group has an example.',
      'Compare with `peerproof_configuration_loaded_timestamp_seconds`: did the configuration change just before?',
      'If it did, `peerproof diff OLD NEW` shows whose requests are decided otherwise. Go back to the configuration before.',
      '`peerproof explain` says for one line of the log why the request is refused.',
      'If one peer or address causes them all, talk to its owner, or block it at the proxy.',
    ],
    tune: 'a rule with few requests changes its share easily: raise the smallest rate.',
  },
  PeerproofForeignTokens: {
    means:
      'Genuine tokens come from workloads that they do not belong to. Either tokens were stolen, or clients changed their certificates or names without new tokens.',
    steps: [
      'See who sends whose tokens: `peerproof log --since 30m --reason "binding_*" --group`.',
      'If token and sender belong to one team, look for a rotation or a new client that is not registered in `clients`.',
      'Otherwise treat the tokens as stolen: revoke them (`peerproof revoke`), withdraw them at the issuer, and find where they leaked. Peerproof refused them all.',
    ],
  },
  PeerproofChecksSlow: {
    means:
      'One check in a hundred takes more than half a second. Each protected request waits for its check.',
    steps: [
      'Look whether these checks wait for an issuer: `peerproof_checks_waiting`, `peerproof_issuer_request_duration_seconds`.',
      'Look whether the process is busy: `peerproof_event_loop_delay_seconds`, and the throttling of its CPU.',
    ],
  },
  PeerproofEventLoopSlow: {
    means: 'A process has too much to do. Above `limits.eventLoopDelay` it reports that it is not ready.',
    steps: [
      'Compare the rate of checks with an hour ago, and look at the CPU of the pod. A CPU limit throttles it.',
      'Add replicas, or more processes with `serve --workers`.',
    ],
  },
  PeerproofConfigurationRefused: {
    means:
      'The files hold a configuration with an error. The running instances use the previous one. An instance that starts now ends with the error.',
    steps: [
      'Read the error: `configuration_refused` in the log. `peerproof validate` shows the same, with the line.',
      'Mend the file, or go back to the one before. The log then says `configuration_loaded` or `configuration_accepted`.',
      'Do not restart pods before that.',
    ],
  },
  PeerproofOwnerRulesRefused: {
    means:
      'The file of a team is broken, or reaches beyond what is delegated to the team. With `last_good`, its previous rules are in use. With `left_out`, it has none: its requests are denied, or `lastRules` decide. Other teams are not concerned.',
    steps: [
      'Read why: `owner_rules_refused` in the log, or `owners` in `/readyz` on a loopback address. `peerproof validate` shows the same, with file, line and key.',
      'Let the team mend its file. If it needs more than it may have, change its entry of `delegate`.',
      'Do not restart pods while the state is `last_good`: a new one does not know the previous rules.',
    ],
  },
  PeerproofTeamRulesUnavailable: {
    means:
      'A replica cannot list or watch the AuthorizationRules of teams (`rulesFrom.kubernetes`). The last known rules stay in use. Changes of teams have no effect there. A new pod is not ready, unless it has a `cacheFile`.',
    steps: [
      'Read why: `team_rules_unavailable` in the log, or `rules_from` in `/readyz` on a loopback address. `age_s` says since when.',
      '401 or 403: the token, or the ClusterRole of Peerproof. 404: the definition of the kind. No answer: the API server, the NetworkPolicy or `rulesFrom.kubernetes.ca`.',
      'Do not restart pods before that.',
    ],
  },
  PeerproofRestartNeeded: {
    means:
      'Ports, the limits under `grpc`, or the kind of TLS have changed. The rest of the configuration is in use.',
    steps: ['Restart the instances one by one: `kubectl -n peerproof rollout restart deployment/peerproof`.'],
  },
  PeerproofConfigurationsDiffer: {
    means:
      'Instances have used different configurations for a quarter of an hour, so the same request can get different answers.',
    steps: [
      'See which: `peerproof_configuration_info` by instance. `peerproof validate` prints the version of a file.',
      'Look at `peerproof_configuration_refused` and at `restart_needed` in the log of the older ones.',
      'Look whether a roll-out is stuck: `kubectl -n peerproof rollout status deployment/peerproof`.',
    ],
    tune: 'a roll-out that takes longer than 15 minutes needs a longer `for`.',
  },
  PeerproofRevocationsStale: {
    means:
      'A process has not read the revocations for ten seconds or a minute. It goes on with what it knows. After `revocation.maxStaleness` it refuses every token (`store_unavailable`), unless `onOutage` is `useKnown`.',
    steps: [
      'Read why: `revocations_unavailable` in the log. If it is the store, `peerproof_store_up` is 0.',
      'If Redis has evicted a part, do what the log says, and set `maxmemory-policy noeviction`. Each replica writes back what it knows.',
      'Look whether the message is about a file: it must exist, and each line must be a revocation. `peerproof revoke --list` names the line.',
    ],
    tune: 'a store that needs longer for a failover may have a longer `for`, which should stay below `revocation.maxStaleness`.',
  },
  PeerproofRevocationsNearLimit: {
    means:
      'More than 80 % of `revocation.memory` are taken. When it is full, `peerproof revoke` and transmitters are refused. Nothing that was revoked is dropped.',
    steps: [
      'See what there is: `peerproof revoke --list --format json`.',
      'One revocation of a client, an issuer or a subject replaces many of single tokens. Take the others back with `--undo`.',
      'Raise `revocation.memory` at all replicas. A shorter `keep` helps, if no token lives longer.',
    ],
  },
  PeerproofSecurityEventsFail: {
    means:
      'Security event tokens of a transmitter were refused, or could not be kept, in the last half hour. What they say is not enforced.',
    steps: [
      'Read why: `security_event_refused` or `security_event_failed` in the log.',
      'If it was refused, compare `issuer`, `audience`, the keys and `maxAge` of the transmitter with what it sends.',
      'If it could not be kept, look at the store and at `peerproof_revocations_bytes`. The transmitter sends it again.',
      'Revoke by hand what cannot wait: `peerproof revoke`.',
    ],
  },
  PeerproofCertificateExpires: {
    means:
      'A certificate that a port presents has less than a fifth of its lifetime left, and was not renewed.',
    steps: [
      'Look at what renews it, such as cert-manager, and at the Secret that is mounted.',
      'Peerproof reads a new file by itself within two seconds. If the file is new and the metric is old, look for `configuration_refused`.',
    ],
  },
  PeerproofBundleDown: {
    means:
      'The bundle of a trust domain cannot be read or fetched. The last authorities stay in use, those of an endpoint until `keep` is over.',
    steps: [
      'Read why: `failure` of the bundle in `/readyz`, or `bundle_unavailable` in the log.',
      'Look at the file, or ask the endpoint from the network of a pod.',
    ],
  },
  PeerproofBundleExpires: {
    means:
      'Even the newest authority of a trust domain has less than a fifth of its lifetime left. When it expires, every peer of the domain is refused (`peer_chain_untrusted`).',
    steps: [
      'Look whether the certificate authority has a new certificate, and whether it is published.',
      'Look whether the bundle is read: `peerproof_bundle_up`, `peerproof_bundle_authorities`.',
    ],
  },
  PeerproofStoreDown: {
    means:
      'The shared store has not answered for two minutes. What holds only once is refused (`store_unavailable`), or each process remembers for itself if the configuration says `onOutage: allowReplays`.',
    steps: [
      'Read why: `failure` of the store in `/readyz`, or `store_unavailable` in the log. `WRONGPASS` and `NOPERM`: the user or its password. `OOM`: its memory is full. `READONLY`: the address leads to a replica.',
      'Ask it from the network of a pod: `redis-cli -h HOST ping`.',
      'Look whether only some replicas are concerned: `peerproof_store_up` by instance.',
      'Do not choose `allowReplays` in a hurry: a recorded proof is then accepted by every process.',
    ],
  },
  PeerproofUsedProofsNearLimit: {
    means:
      'The memory of used proofs is filled to more than 80%. A full one refuses further proofs, and forgets none.',
    steps: [
      'Look whether one subject sends far more than before: count `subject` in the log.',
      'Raise `limits.usedProofMemory`. A mebibyte holds 2,700 proofs.',
      'Shorten the time for which proofs are valid, so that they are forgotten sooner.',
    ],
  },
  PeerproofLogLinesDropped: {
    means:
      'The log is not read as fast as it is written. Lines are lost. Checks are not affected, and the metrics count all of them.',
    steps: [
      'Look at the disk of the node and at the program that collects the log.',
      'Write fewer lines: `log.sample`, `log.public`, `log.level`.',
    ],
  },
  PeerproofWorkersRestart: {
    means:
      'Workers of `serve --workers` end again and again. Checks that are under way at that moment are lost.',
    steps: [
      'Read `worker_ended` in the log: the signal or exit code is in `how`. `SIGKILL` is usually the memory limit of the pod. `failure` says which port a new worker cannot open.',
      'Lower `limits.tokenMemory`, raise the memory limit, or use fewer workers.',
    ],
  },
};
