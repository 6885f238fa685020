import cluster, { type Worker } from 'node:cluster';
import { availableParallelism } from 'node:os';
import type { Logger } from 'pino';
import { AggregatorRegistry, type Registry } from 'prom-client';
import { ConfigError } from '../config/problem.ts';
import type { UsedProofs } from '../core/used/used-proofs.ts';
import type { Readiness } from '../operate/admin-server.ts';
import type { ProcessView, ViewOptions } from '../serve/console-source.ts';
import { answerUse } from './ask-primary.ts';
import type {
  ChangedObjects,
  ConfigurationRequest,
  HandedOver,
  MetricsRequest,
  Snapshot,
  StartReport,
  UseRequest,
  ViewRequest,
  WorkerReport,
} from './messages.ts';

export interface WorkerPoolOptions {
  readonly size: number;
  /** The program and the arguments of a worker. */
  readonly exec: string;
  readonly args: readonly string[];
  readonly log: Logger;
  /** The configuration for a worker that starts. */
  readonly handOver: () => HandedOver;
  /** Remembers for all workers which proofs were used. */
  readonly used: UsedProofs;
  /** Called with each line that a worker writes to its standard output, including the line end. */
  readonly onLine: (line: string) => void;
}

/** Milliseconds that a worker gets to send what it is asked for. */
const answerTimeout = 1_000;
/** Milliseconds until a worker that ended is replaced. Doubled each time a worker did not live long. */
const firstDelay = 100;
const longestDelay = 10_000;
const longLife = 10_000;

interface WorkerHandle {
  readonly worker: Worker;
  readonly since: number;
  readiness: Readiness | undefined;
  metrics: Snapshot;
  /** Why it could not open its ports. */
  failure: string | undefined;
  view: ProcessView | undefined;
}

/**
 * Processes that serve the same ports (node:cluster). One that ends is replaced, with growing delays if they
 * do not live long. Its counts stay in the sums.
 */
export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  readonly #members = new Map<number, WorkerHandle>();
  readonly #answered = new Map<number, (from: number) => void>();
  #retired: Snapshot = [];
  #requests = 0;
  #delay = firstDelay;
  #draining = false;
  /** A worker was ready. */
  #wasReady = false;
  #restarts = 0;
  readonly #started = Promise.withResolvers<void>();
  readonly #empty = Promise.withResolvers<void>();

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
  }

  /**
   * Resolves when the first worker has opened its ports, or has ended in a way that another may not.
   * @throws ConfigError if the first worker cannot open its ports: another would have the same problem
   */
  start(): Promise<void> {
    const { exec, args, size } = this.#options;
    // Each worker accepts for itself. With round robin, the primary would keep a connection open that was on
    // its way to a dying worker, and a proxy would wait on it for each of its checks.
    cluster.schedulingPolicy = cluster.SCHED_NONE;
    cluster.setupPrimary({ exec, args: [...args], execArgv: workerOptions(size), silent: true });
    for (let n = 0; n < size; n++) this.#fork();
    return this.#started.promise;
  }

  /**
   * Ready while at least one worker serves. After that, a new worker whose issuers have not answered it yet
   * counts as well: its predecessor may have ended during an outage.
   */
  readiness(): Readiness {
    const known = [...this.#members.values()].flatMap(({ readiness }) => readiness ?? []);
    const serving = known.filter(
      ({ ready, state, too_busy }) => ready || (this.#wasReady && state === 'serving' && !too_busy),
    );
    const silent = [...new Set(known.flatMap(({ never_answered = [] }) => never_answered))];
    const { issuers = {}, bundles, store, owners, configuration: first } = serving[0] ?? known[0] ?? {};
    // A worker that has found a mistake in the files reports it for all.
    const configuration = known.find((one) => one.configuration?.refused)?.configuration ?? first;
    return {
      ready: !this.#draining && serving.length > 0,
      state: this.#draining ? 'draining' : serving.length > 0 ? 'serving' : 'starting',
      workers: { wanted: this.#options.size, serving: serving.length, restarts: this.#restarts },
      ...(silent.length > 0 && { never_answered: silent }),
      ...(configuration && { configuration }),
      issuers,
      ...(bundles && { bundles }),
      ...(store && { store }),
      ...(owners && { owners }),
    };
  }

  /** The metrics of all workers together. A worker that is late counts with its previous metrics. */
  async metrics(): Promise<Pick<Registry, 'getMetricsAsArray' | 'getMetricsAsJSON'>> {
    await this.#ask((request): MetricsRequest => ({ metricsRequest: request }));
    const living = [...this.#members.values()].map(({ metrics }) => metrics);
    return AggregatorRegistry.aggregate([...living, this.#retired].filter(({ length }) => length > 0));
  }

  /** What each worker shows on the console. A worker that is late counts with what it showed before. */
  async views(options: ViewOptions = {}): Promise<readonly ProcessView[]> {
    await this.#ask((request): ViewRequest => ({ viewRequest: request, options }));
    return [...this.#members.values()].flatMap(({ view }) => view ?? []);
  }

  /** Asks all workers the same. Resolves when they have answered, or after a second. */
  async #ask(question: (request: number) => MetricsRequest | ViewRequest): Promise<void> {
    const request = ++this.#requests;
    const asked = new Set(
      [...this.#members].filter(([, { worker }]) => worker.isConnected()).map(([id]) => id),
    );
    const all = Promise.withResolvers<void>();
    this.#answered.set(request, (from) => {
      asked.delete(from);
      if (asked.size === 0) all.resolve();
    });
    for (const id of asked) this.#members.get(id)?.worker.send(question(request), () => undefined);
    const timer = setTimeout(all.resolve, asked.size === 0 ? 0 : answerTimeout);
    await all.promise;
    clearTimeout(timer);
    this.#answered.delete(request);
  }

  /** Tells all workers. One that has not asked for its configuration yet gets everything with it. */
  tell(message: ChangedObjects): void {
    for (const { worker } of this.#members.values())
      if (worker.isConnected()) worker.send(message, () => undefined);
  }

  signal(signal: NodeJS.Signals): void {
    for (const { worker } of this.#members.values()) worker.process.kill(signal);
  }

  /** Tells all workers to drain, and waits for them. Kills the others after `within` milliseconds. */
  async drain(within: number): Promise<void> {
    this.#draining = true;
    this.signal('SIGTERM');
    if (this.#members.size === 0) return;
    const timer = setTimeout(() => this.signal('SIGKILL'), within);
    await this.#empty.promise;
    clearTimeout(timer);
  }

  #fork(): void {
    const worker = cluster.fork();
    const member: WorkerHandle = {
      ...{ worker, since: performance.now() },
      ...{ readiness: undefined, metrics: [], view: undefined, failure: undefined },
    };
    this.#members.set(worker.id, member);
    worker.on('message', (report: WorkerReport | StartReport | ConfigurationRequest | UseRequest) => {
      if ('useRequest' in report) {
        worker.send(answerUse(report, this.#options.used), () => undefined);
        return;
      }
      if ('configurationRequest' in report) {
        worker.send(this.#options.handOver(), () => undefined);
        return;
      }
      if ('startProblems' in report) {
        const problem = report.startProblems.length > 0 ? new ConfigError(report.startProblems) : undefined;
        member.failure = problem?.message;
        if (problem) this.#started.reject(problem);
        else this.#started.resolve();
        return;
      }
      const { readiness, metrics, view } = report;
      member.readiness = readiness;
      this.#wasReady ||= readiness.ready;
      if (metrics) member.metrics = metrics.snapshot;
      if (view) member.view = view.view;
      for (const answer of [metrics, view]) if (answer) this.#answered.get(answer.request)?.(worker.id);
    });
    worker.on('error', () => undefined);
    worker.process.stdout?.setEncoding('utf8').on('data', lines(this.#options.onLine));
    worker.process.stderr?.pipe(process.stderr, { end: false });
    worker.once('exit', (code, signal) => this.#ended(member, signal ?? code));
  }

  #ended(member: WorkerHandle, how: number | string): void {
    const { worker, since, metrics, failure } = member;
    this.#members.delete(worker.id);
    for (const answered of this.#answered.values()) answered(worker.id);
    const counted = metrics.filter(({ type }) => ['counter', 'histogram'].includes(String(type)));
    if (counted.length > 0) void this.#retire(counted);
    if (this.#draining) {
      if (this.#members.size === 0) this.#empty.resolve();
      return;
    }
    this.#started.resolve();
    this.#restarts++;
    this.#delay = performance.now() - since > longLife ? firstDelay : Math.min(this.#delay * 2, longestDelay);
    this.#options.log.error(
      { event: 'worker_ended', worker_pid: worker.process.pid, how, failure, replaced_in_ms: this.#delay },
      'a worker ended and is replaced',
    );
    setTimeout(() => {
      if (!this.#draining) this.#fork();
    }, this.#delay).unref();
  }

  /** A falling sum would look like a restart of the whole service. */
  async #retire(counted: Snapshot): Promise<void> {
    const together = [this.#retired, counted].filter(({ length }) => length > 0);
    this.#retired = (await AggregatorRegistry.aggregate(together).getMetricsAsJSON()) as Snapshot;
  }
}

/** The helper threads of V8 would take the processors from the threads of other workers that answer. */
export function workerOptions(size: number, processors = availableParallelism()): string[] {
  return size < processors ? process.execArgv : [...process.execArgv, '--single-threaded'];
}

/** Joins pieces of text into whole lines, so that lines of several workers do not mix. */
function lines(onLine: (line: string) => void): (chunk: string) => void {
  let rest = '';
  return (chunk) => {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    for (const line of parts) onLine(`${line}\n`);
  };
}
