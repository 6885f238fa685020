import type { ServerHttp2Stream } from 'node:http2';
import type { CallHeaders, Check } from '../core/check.ts';
import type { Decision } from '../core/decision.ts';
import { Denial, DependencyError } from '../core/denial.ts';
import type { Evidence } from '../core/evidence.ts';
import { failure } from '../core/outcome.ts';
import type { RefusalStyle } from '../core/refusal.ts';
import { isGone } from '../http2/is-gone.ts';
import type { ServerTls } from '../http2/server-tls.ts';
import { EndOfTurn } from '../lib/end-of-turn.ts';
import { alwaysAnswered, type Soon } from '../lib/soon.ts';
import type { CheckRequest } from './check-messages.ts';
import { evidenceOf } from './check-request.ts';
import { decodeCheckRequest } from './decode-request.ts';
import { type FramedResponse, PreparedAnswers } from './prepared-answers.ts';
import { mostFields, TooManyFields } from './protobuf-reader.ts';
import { checkPath, decodeHealthRequest, healthPaths, serviceName } from './protocol.ts';
import { Health } from './transport/health.ts';
import { Unread } from './transport/message.ts';
import { fail, reply } from './transport/reply.ts';
import { type GrpcLimits, listenGrpc, type Method } from './transport/server.ts';
import { status } from './transport/status.ts';
import { allAreRead, type UnreadHeaders } from './unread-headers.ts';

export interface CheckServerOptions {
  readonly host: string;
  /** 0 means any free port. */
  readonly port: number;
  readonly tls?: ServerTls | undefined;
  readonly maxMessageBytes: number;
  readonly maxConcurrentStreams: number;
  /**
   * Must not fail: a gRPC error obeys failure_mode_allow. `deadline` is in milliseconds since the epoch.
   */
  readonly answer: (request: CheckRequest, deadline: number, call?: CallHeaders) => Soon<FramedResponse>;
  /** The headers that no check reads at present. Called for each check. Without it all are decoded. */
  readonly unread?: (() => UnreadHeaders) | undefined;
  /** The answer when there is no readable check. It must deny the request, and must not fail. */
  readonly refuse: (why: Unread, deadline: number) => Soon<FramedResponse>;
}

export interface GrpcServerOptions extends Omit<CheckServerOptions, 'answer' | 'refuse'> {
  readonly style: () => RefusalStyle;
  readonly check: Check;
}

export interface GrpcServer {
  readonly port: number;
  /** Sets the answer of grpc.health.v1, for the whole server and for the Authorization service. */
  setServing(serving: boolean): void;
  /** Replaces the certificate for new connections. Does nothing without TLS. */
  replaceCertificate(tls: ServerTls): void;
  /** Takes no new calls. Ends when the calls under way are answered, or after `timeout` milliseconds. */
  close(timeout: number): Promise<void>;
}

/** Envoy's gRPC door: a check becomes evidence, then a decision, then the answer. */
export function startGrpcServer(options: GrpcServerOptions, limits?: GrpcLimits): Promise<GrpcServer> {
  const { check, style } = options;
  const answers = new PreparedAnswers();
  const framed = (decision: Decision): FramedResponse => answers.frame(decision, style());
  const failed = (error: unknown): FramedResponse => framed(failure(error));
  /** Never fails. A gRPC error obeys failure_mode_allow, so every failure has to be a denied_response. */
  const answered = (evidence: () => Evidence, deadline: number, call?: CallHeaders): Soon<FramedResponse> =>
    alwaysAnswered(() => check(evidence(), 'grpc', deadline, call), framed, failed);
  return startCheckServer(
    {
      ...options,
      answer: (request, deadline, call) => answered(() => evidenceOf(request), deadline, call),
      refuse: (why, deadline) => answered(() => evidenceOfUnread(why), deadline),
    },
    limits,
  );
}

/** A check that did not arrive whole is an outage of the connection, and not a fault of the caller. */
export function evidenceOfUnread({ reason, detail }: Unread): Evidence {
  return reason === 'check_incomplete'
    ? { ...evidenceOf({}), outage: new DependencyError(reason, detail, 1) }
    : { ...evidenceOf({}), flaw: new Denial(reason, detail) };
}

/** A check whose message is whole. */
interface Call {
  readonly stream: ServerHttp2Stream;
  readonly message: Buffer;
  readonly deadline: number;
  readonly headers: CallHeaders;
  request?: CheckRequest | Unread;
  answered?: Soon<FramedResponse> | undefined;
}

/** Checks that are answered together, and the bytes of the largest that waits for others. */
const together = 32;
const mostWaiting = 65_536;

/** Serves `envoy.service.auth.v3.Authorization/Check` and the health service. Decides nothing. */
export async function startCheckServer(
  { answer, refuse, unread = () => allAreRead, ...options }: CheckServerOptions,
  limits?: GrpcLimits,
): Promise<GrpcServer> {
  const health = new Health([serviceName]);
  const refused = (stream: ServerHttp2Stream, why: Unread, deadline: number): void =>
    send(stream, refuse(why, deadline));
  const answerAll = (all: readonly Call[]): void => {
    // A call that was reset in the turn of its message needs no answer, so a flood of resets costs no decisions.
    const calls = all.filter(({ stream }) => !isGone(stream));
    for (const call of calls) call.request = readCheck(call.message, unread());
    for (const call of calls) {
      const { request = undecoded, deadline, headers } = call;
      call.answered =
        request instanceof Unread ? refuse(request, deadline) : answer(request, deadline, headers);
    }
    for (const { stream, answered } of calls) if (answered) send(stream, answered);
  };
  const soon = new EndOfTurn(answerAll, together);
  const check: Method = {
    receive(stream, message, deadline, headers) {
      const call: Call = { stream, message, deadline, headers };
      if (message.length > mostWaiting) answerAll([call]);
      else soon.add(call);
    },
    refuse: refused,
  };
  const ask = (then: (stream: ServerHttp2Stream, service: string) => void): Method['receive'] => {
    return (stream, message) => {
      const service = askedService(message);
      if (service !== undefined) then(stream, service);
      else fail(stream, status.INTERNAL, 'the message does not decode');
    };
  };
  const methods = new Map<string, Method>([
    [checkPath, check],
    [healthPaths.check, { receive: ask((stream, service) => health.check(stream, service)) }],
    [healthPaths.watch, { receive: ask((stream, service) => health.watch(stream, service)), listens: true }],
  ]);
  const listener = await listenGrpc({ ...options, methods }, limits);
  return {
    port: listener.port,
    setServing: (serving) => health.set(serving),
    replaceCertificate: (tls) => listener.replaceCertificate(tls),
    close(timeout) {
      health.close();
      return listener.close(timeout);
    },
  };
}

const undecoded = new Unread('check_malformed', 'the check does not decode');
const overfull = new Unread('request_too_large', `the check has more than ${mostFields} fields`);

/** If the client goes while an issuer is asked, the check is still decided, but no answer is sent. */
function send(stream: ServerHttp2Stream, answered: Soon<FramedResponse>): void {
  if (answered instanceof Promise)
    answered.then(
      (framed) => reply(stream, framed),
      () => fail(stream, status.INTERNAL, 'the answer cannot be sent'),
    );
  else reply(stream, answered);
}

/** The request of a message that is whole. Never throws. */
export function readCheck(message: Buffer, unread: UnreadHeaders): CheckRequest | Unread {
  try {
    return decodeCheckRequest(message, unread);
  } catch (error) {
    return error instanceof TooManyFields ? overfull : undecoded;
  }
}

/** The service that a health check asks about. Undefined: the message does not decode. */
function askedService(message: Buffer): string | undefined {
  try {
    return decodeHealthRequest(message);
  } catch {
    return undefined;
  }
}
