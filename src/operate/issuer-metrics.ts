import { Counter, Histogram, type Registry } from 'prom-client';
import { Meter } from './meter.ts';
import { type IssuerState, isUp } from './states.ts';

/** What an issuer is asked for: its keys, or an answer about one token. */
export type RequestKind = 'keys' | 'token_review' | 'introspection';

/** Is told of each request to an issuer when it ends. */
export type RequestEnded = (outcome: 'answered' | 'failed', seconds: number) => void;

/**
 * Adds the metrics of issuers to a registry. The label `issuer` is the name in the configuration.
 * @param issuers called at each scrape
 * @returns begins to count the requests of one kind to one issuer
 */
export function addIssuerMetrics(registry: Registry, issuers: () => readonly IssuerState[]) {
  const meter = new Meter(registry);
  const labelled = { labelNames: ['issuer', 'kind'] as const, registers: [registry] };
  // Not the address of an endpoint, which `/readyz` hides from strangers too: `iss` stands in each token.
  meter.infos(
    'peerproof_issuer_info',
    'The `iss` of the tokens of an issuer, as `url`.',
    ['issuer', 'url'],
    () => issuers().map(({ issuer, iss }) => ({ issuer, url: iss })),
  );
  for (const { name, help, read, aggregator = 'sum' } of gauges)
    meter.gauges(name, help, 'issuer', perIssuer(issuers, read), aggregator);
  meter.counts(
    'peerproof_checks_shed_total',
    'Checks that were refused because too many checks waited for the issuer.',
    'issuer',
    perIssuer(issuers, ({ bulkhead }) => bulkhead.refused),
  );
  const requests = new Counter({
    name: 'peerproof_issuer_requests_total',
    help: 'Requests to an issuer for its keys or about a token, by outcome: `answered`, or `failed`.',
    ...labelled,
    labelNames: [...labelled.labelNames, 'outcome'] as const,
  });
  const duration = new Histogram({
    name: 'peerproof_issuer_request_duration_seconds',
    help: 'Time of a request to an issuer, also of one that failed.',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    ...labelled,
  });
  return (issuer: string, kind: RequestKind): RequestEnded => {
    // A series that begins with its first failure would hide that failure from `rate`.
    for (const outcome of ['answered', 'failed']) requests.inc({ issuer, kind, outcome }, 0);
    return (outcome, seconds) => {
      requests.inc({ issuer, kind, outcome });
      duration.observe({ issuer, kind }, seconds);
    };
  };
}

interface IssuerGauge {
  readonly name: string;
  readonly help: string;
  /** Undefined: the issuer does not have this series. */
  readonly read: (state: IssuerState) => number | undefined;
  /** How the values of several processes become one. */
  readonly aggregator?: 'sum' | 'max' | 'min';
}

const gauges: readonly IssuerGauge[] = [
  {
    name: 'peerproof_issuer_up',
    help: '1 if the last attempt to get the keys of an issuer and the last question to it succeeded, else 0.',
    read: (state) => Number(isUp(state)),
    aggregator: 'min',
  },
  {
    name: 'peerproof_issuer_answered',
    help: '1 if an issuer ever gave its keys and, if it is asked about tokens, an answer. 0 if it never did. Absent until it is asked.',
    read: ({ answered }) => (answered === undefined ? undefined : Number(answered)),
    aggregator: 'min',
  },
  {
    name: 'peerproof_issuer_failing_since_timestamp_seconds',
    help: 'When the first of the present failures in a row happened. 0 if the last attempt succeeded.',
    read: ({ failingSince = 0 }) => failingSince / 1000,
    aggregator: 'max',
  },
  {
    name: 'peerproof_issuer_breaker_open',
    help: '1 while the circuit breaker stops questions about tokens, else 0.',
    read: ({ asked }) => asked && Number(asked.open),
    aggregator: 'max',
  },
  {
    name: 'peerproof_issuer_requests_in_flight',
    help: 'Questions about tokens that an issuer has not answered yet.',
    read: ({ asked }) => asked?.underWay,
  },
  {
    name: 'peerproof_issuer_requests_in_flight_limit',
    help: 'The most questions about tokens that an issuer gets at a time: 64 of each process. Others wait.',
    read: ({ asked }) => asked?.mostUnderWay,
  },
  {
    name: 'peerproof_jwks_age_seconds',
    help: 'Seconds since the keys of an issuer were fetched or read. Without keys: since the issuer was configured.',
    read: ({ keys, keyAge, knownFor }) => (keys ? (keyAge ?? knownFor) : undefined),
    aggregator: 'max',
  },
  {
    name: 'peerproof_jwks_max_age_seconds',
    help: 'The age at which the keys of an issuer are no longer used (`keep`). Only keys that are fetched have one.',
    read: ({ maxKeyAge }) => maxKeyAge,
    aggregator: 'max',
  },
  {
    name: 'peerproof_checks_waiting',
    help: 'Checks that wait for an issuer now. The sum is at most `peerproof_checks_waiting_limit`.',
    read: ({ bulkhead }) => bulkhead.waiting,
  },
];

/** One value for each issuer that has it. */
function perIssuer(issuers: () => readonly IssuerState[], read: IssuerGauge['read']) {
  return () =>
    issuers().flatMap((state) => {
      const value = read(state);
      return value === undefined ? [] : [[state.issuer, value] as const];
    });
}
