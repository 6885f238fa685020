/**
 * Asks a running Peerproof, and compares its verdicts with those that are expected. `helm test` runs it in the image of
 * Peerproof, so it needs Node and nothing else. It repeats a question until the answer is the expected one or the time is
 * over, because Istio and the network learn some seconds late that this pod may ask.
 *
 * Environment: `GRPC` and `HTTP` are the addresses (`host:port`), `ASKS` the questions as JSON, `WITHIN` the seconds,
 * `TLS` the folder of a certificate for gRPC, `SIDECAR` whether a sidecar has to be ended. Exit code 1: another verdict,
 * or no answer.
 */
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect, type SecureClientSessionOptions } from 'node:http2';
import { setTimeout as sleep } from 'node:timers/promises';

interface Ask {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly host?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly destination?: string;
  readonly expect: 'allow' | 'deny';
}

const { GRPC = '', HTTP = '', ASKS = '[]', WITHIN = '60', TLS = '', SIDECAR = '' } = process.env;
const CALL_WITHIN_MS = 5_000;

const doors: readonly (readonly [string, (ask: Ask) => Promise<Ask['expect']>])[] = [
  ...(GRPC ? [['gRPC', overGrpc] as const] : []),
  ...(HTTP ? [['HTTP', overHttp] as const] : []),
];
const asks = JSON.parse(ASKS) as readonly Ask[];
const end = Date.now() + Number(WITHIN) * 1000;
let failed = doors.length === 0 || asks.length === 0;
if (failed) console.error('nothing to ask: GRPC, HTTP or ASKS is missing');
for (const [door, call] of doors)
  for (const ask of asks) {
    const answer = await patiently(ask, call);
    const isRight = answer === ask.expect;
    failed ||= !isRight;
    console.log(`${isRight ? 'ok' : 'FAILED'}: ${ask.name} over ${door}: ${answer}, expected ${ask.expect}`);
  }
// A sidecar that is not a native one would keep the pod running.
if (SIDECAR) await fetch('http://127.0.0.1:15020/quitquitquit', { method: 'POST' }).catch(() => undefined);
process.exitCode = failed ? 1 : 0;

/** The expected verdict as soon as it comes, else the last answer. */
async function patiently(ask: Ask, call: (ask: Ask) => Promise<string>): Promise<string> {
  while (true) {
    const answer = await call(ask).catch((error: Error) => `no answer (${error.message})`);
    if (answer === ask.expect || Date.now() > end) return answer;
    await sleep(1_000);
  }
}

/** A refusal of a proxy on the way is no verdict, so it has no ID of a decision. */
function overHttp({ method, path, host, headers }: Ask): Promise<Ask['expect']> {
  return new Promise((resolve, reject) => {
    const options = { method, path, headers: { ...headers, ...(host && { host }) }, timeout: CALL_WITHIN_MS };
    const [hostname, port] = HTTP.split(':');
    const sent = request({ hostname, port, ...options }, (answer) => {
      answer.resume();
      if (answer.statusCode === 200) resolve('allow');
      else if (answer.headers['x-decision-id']) resolve('deny');
      else reject(new Error(`status ${answer.statusCode} without X-Decision-Id`));
    });
    sent.once('timeout', () => sent.destroy(new Error('timeout')));
    sent.once('error', reject);
    sent.end();
  });
}

function overGrpc(ask: Ask): Promise<Ask['expect']> {
  const read = (name: string): Buffer => readFileSync(`${TLS}/${name}`);
  const tls: SecureClientSessionOptions = TLS
    ? { ca: read('ca.crt'), cert: read('tls.crt'), key: read('tls.key') }
    : {};
  return new Promise((resolve, reject) => {
    const session = connect(`${TLS ? 'https' : 'http'}://${GRPC}`, tls);
    const finish = (error?: Error, verdict: Ask['expect'] = 'deny'): void => {
      session.destroy();
      if (error) reject(error);
      else resolve(verdict);
    };
    session.once('error', finish);
    const stream = session.request({
      ':method': 'POST',
      ':path': '/envoy.service.auth.v3.Authorization/Check',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    const parts: Buffer[] = [];
    let status: unknown;
    const note = (headers: Record<string, unknown>): void => {
      status ??= headers['grpc-status'];
    };
    stream.setTimeout(CALL_WITHIN_MS, () => finish(new Error('timeout')));
    stream.on('data', (part: Buffer) => parts.push(part));
    stream.once('response', note);
    stream.once('trailers', note);
    stream.once('error', finish);
    // The status comes with the trailers, which may come after the end of the data.
    stream.once('close', () => {
      if (status !== '0') finish(new Error(`gRPC status ${status}`));
      else finish(undefined, isAllow(Buffer.concat(parts).subarray(5)) ? 'allow' : 'deny');
    });
    stream.end(framed(checkRequest(ask)));
  });
}

/** A CheckRequest, with the numbers of its fields as in attribute_context.proto. */
function checkRequest({ method, path, host = GRPC, headers = {}, destination = '' }: Ask): Buffer {
  const pairs = Object.entries(headers).map(([name, value]) =>
    field(3, Buffer.concat([text(1, name.toLowerCase()), text(2, value)])),
  );
  const http = Buffer.concat([text(2, method), ...pairs, text(4, path), text(5, host)]);
  return field(1, Buffer.concat([field(2, text(4, destination)), field(4, field(2, http))]));
}

function text(number: number, value: string): Buffer {
  return field(number, Buffer.from(value));
}

function field(number: number, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(number << 3) | 2]), varint(bytes.length), bytes]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Buffer.from([...bytes, rest]);
}

function framed(message: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

/** Whether `status.code` of the CheckResponse is 0, which is not written. `status` is the first field. */
function isAllow(message: Buffer): boolean {
  if (message.length < 2 || message[0] !== 0x0a) return false;
  return message[1] === 0 || message[2] !== 0x08 || message[3] === 0;
}
