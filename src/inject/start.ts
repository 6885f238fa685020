import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Evidence } from '../core/evidence.ts';
import type { CheckRequest } from '../grpc/check-messages.ts';
import { evidenceOf } from '../grpc/check-request.ts';
import { startCheckServer } from '../grpc/check-server.ts';
import { encodeCheckResponse } from '../grpc/encode-response.ts';
import type { FramedResponse } from '../grpc/prepared-answers.ts';
import { prefixBytes } from '../grpc/transport/reply.ts';
import { startAdminServer } from '../operate/admin-server.ts';
import { Lifecycle, type Running } from '../operate/lifecycle.ts';
import type { LogOptions } from '../operate/log-destination.ts';
import { createLineLog } from '../operate/log-line.ts';
import { metricsPage } from '../operate/metrics-text.ts';
import { reportOpenPorts } from '../operate/open-ports.ts';
import { followCertificate } from './certificate.ts';
import { toInjectResponse } from './check-response.ts';
import { createInjectLog } from './decision-log.ts';
import { type Entry, inject, type Outcome } from './inject.ts';
import type { LoadedInject } from './load.ts';
import { createInjectMetrics } from './metrics.ts';
import type { InjectConfig } from './schema.ts';
import { type FileNews, TokenFile } from './token-file.ts';

/**
 * Milliseconds that the first reading of the files may take. After them, requests are answered without the
 * files.
 */
const firstLook = 2_000;

interface RunningEntry extends Entry {
  readonly source: TokenFile;
}

/**
 * Starts `peerproof inject`. It is ready as soon as each file was read once, even without a usable token:
 * requests to other hosts do not need one.
 * @throws if it cannot listen on a port
 */
export async function startInject(
  loaded: LoadedInject,
  { log, clock = Date.now, onDropped }: LogOptions & { readonly clock?: () => number },
): Promise<Running> {
  const { config, tls, warnings } = loaded;
  const serviceLog = createLineLog(log);
  for (const warning of warnings) serviceLog.warn({ event: 'weak_setting' }, warning);
  reportOpenPorts(loaded.openPorts, serviceLog);
  const entries = config.tokens.map((token) => createEntry(token, loaded.directory, clock, serviceLog));
  const metrics = createInjectMetrics(() =>
    entries.map(({ name, source }) => ({ entry: name, expiresAt: source.state().expiresAt })),
  );
  onDropped?.(metrics.dropped);
  const write = createInjectLog(log);

  const decided: Decided = (id, outcome, evidence, microseconds) => {
    metrics.decided(outcome);
    write(id, outcome, evidence, microseconds);
  };

  const life = new Lifecycle(() => config.drain, serviceLog);
  const readiness = () => ({
    ready: life.state === 'serving',
    state: life.state,
    issuers: {},
    tokens: Object.fromEntries(entries.map((entry) => [entry.name, tokenState(entry, clock())])),
  });
  const admin = await startAdminServer(config.listen.admin, readiness, metricsPage(metrics.registry));
  const grpc = await startCheckServer({
    ...config.listen.grpc,
    ...config.grpc,
    tls,
    answer: (request) =>
      answer(request, (evidence) => inject(evidence, entries, config.hosts, clock()), decided),
    refuse: ({ reason, detail }) =>
      answer(
        {},
        () => ({ effect: reason === 'check_incomplete' ? 'unavailable' : 'deny', reason, detail }),
        decided,
      ),
  }).catch(async (error) => {
    await admin.close();
    throw error;
  });
  const { directory } = loaded;
  const settings = config.grpc.tls;
  const replace = grpc.replaceCertificate;
  const certificate =
    settings &&
    tls &&
    followCertificate({ settings, directory, first: tls, replace, clock, log: serviceLog });
  certificate?.start();
  for (const { source } of entries) source.start();
  const sources = entries.map(({ source }) => source);
  const looked = Promise.all(sources.map((source) => source.look()));
  const tried = Promise.race([looked, sleep(firstLook, undefined, { ref: false })]);
  const stop = () => {
    for (const source of sources) source.stop();
    certificate?.stop();
  };
  return life.begin({ grpc, admin, tried, stop });
}

function createEntry(
  { name: given, hosts, audience, file, overwrite }: InjectConfig['tokens'][number],
  directory: string,
  clock: () => number,
  log: Logger,
): RunningEntry {
  const name = given ?? audience;
  const report = (news: FileNews) => {
    if (news.failure !== undefined)
      log.warn(
        { event: 'token_unusable', rule: name, file, failure: news.failure, previous_token_kept: news.kept },
        'the token file cannot be used',
      );
    else
      log.info(
        {
          event: 'token_read',
          rule: name,
          file,
          ...(Number.isFinite(news.expiresAt) && {
            expires_in_s: Math.round((news.expiresAt - clock()) / 1000),
          }),
        },
        'the token was loaded',
      );
  };
  const source = new TokenFile({ path: resolve(directory, file), audience, clock, report });
  return { name, hosts, overwrite, file, source, token: (now) => source.current(now) };
}

type Decided = (...about: Parameters<ReturnType<typeof createInjectLog>>) => void;

/**
 * Never throws. With `failure_mode_allow: true`, Envoy would let a request pass without its token on a gRPC
 * error.
 */
function answer(
  request: CheckRequest,
  decide: (evidence: Evidence) => Outcome,
  decided: Decided,
): FramedResponse {
  const id = randomUUID();
  const began = performance.now();
  let evidence = evidenceOf({});
  let outcome: Outcome;
  try {
    evidence = evidenceOf(request);
    outcome = decide(evidence);
  } catch (error) {
    outcome = bug(error);
  }
  try {
    decided(id, outcome, evidence, Math.round((performance.now() - began) * 1000));
  } catch (error) {
    outcome = bug(error);
  }
  return encodeCheckResponse(toInjectResponse(id, outcome), prefixBytes);
}

function bug(error: unknown): Outcome {
  const detail = error instanceof Error ? String(error.stack) : 'a thrown value is not an Error';
  return { effect: 'unavailable', reason: 'internal_error', detail };
}

function tokenState({ source, token }: RunningEntry, now: number) {
  const { expiresAt, failure } = source.state();
  return {
    usable: typeof token(now) === 'string',
    ...(expiresAt !== undefined &&
      Number.isFinite(expiresAt) && { expires_in_s: Math.round((expiresAt - now) / 1000) }),
    ...(failure !== undefined && { reason: 'token_unusable', failure }),
  };
}
