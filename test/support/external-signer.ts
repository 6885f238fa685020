import { type KeyObject, sign } from 'node:crypto';
import { join } from 'node:path';
import * as grpc from '@grpc/grpc-js';

/** A key of the signer. */
export interface SignerKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** A signer of ServiceAccount tokens outside of the API server (Kubernetes KEP-740, `v1.ExternalJWTSigner`). */
export interface ExternalSigner {
  readonly socket: string;
  /** Signs with this P-256 key from now on. */
  signWith(key: SignerKey): void;
  /** The keys that the API server learns when it asks again, which it does each second. */
  publish(keys: readonly SignerKey[]): void;
  stop(): void;
}

/**
 * Serves on a socket in the folder. Its messages are encoded by hand: they have texts, bytes and numbers only.
 * @param maxExpiration seconds of the longest token
 */
export async function startExternalSigner(
  folder: string,
  first: SignerKey,
  maxExpiration: number,
): Promise<ExternalSigner> {
  const socket = join(folder, 'signer.sock');
  let signing = first;
  let published: readonly SignerKey[] = [first];
  const server = new grpc.Server();
  const raw = (bytes: Buffer): Buffer => bytes;
  const method = (name: string) => ({
    path: `/v1.ExternalJWTSigner/${name}`,
    ...{ requestStream: false, responseStream: false },
    ...{ requestSerialize: raw, requestDeserialize: raw, responseSerialize: raw, responseDeserialize: raw },
  });
  const answer =
    (make: (request: Buffer) => Buffer) =>
    ({ request }: grpc.ServerUnaryCall<Buffer, Buffer>, done: grpc.sendUnaryData<Buffer>) =>
      done(null, make(request));
  server.addService(
    { Sign: method('Sign'), FetchKeys: method('FetchKeys'), Metadata: method('Metadata') },
    {
      Sign: answer((request) => signed(signing, onlyText(request))),
      FetchKeys: answer(() =>
        Buffer.concat([
          ...published.map((key) => bytesField(1, keyMessage(key))),
          bytesField(2, numberField(1, Math.floor(Date.now() / 1000))),
          numberField(3, 1),
        ]),
      ),
      Metadata: answer(() => numberField(1, maxExpiration)),
    },
  );
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(`unix:${socket}`, grpc.ServerCredentials.createInsecure(), (error) =>
      error ? reject(error) : resolve(),
    );
  });
  return {
    socket,
    signWith(key) {
      signing = key;
    },
    publish(keys) {
      published = keys;
    },
    stop: () => server.forceShutdown(),
  };
}

function signed({ kid, privateKey }: SignerKey, claims: string): Buffer {
  const header = Buffer.from(JSON.stringify({ alg: 'ES256', kid, typ: 'JWT' })).toString('base64url');
  const input = Buffer.from(`${header}.${claims}`);
  const signature = sign('sha256', input, { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return Buffer.concat([
    bytesField(1, Buffer.from(header)),
    bytesField(2, Buffer.from(signature.toString('base64url'))),
  ]);
}

function keyMessage({ kid, publicKey }: SignerKey): Buffer {
  return Buffer.concat([
    bytesField(1, Buffer.from(kid)),
    bytesField(2, publicKey.export({ type: 'spki', format: 'der' })),
  ]);
}

/** The text of a message with one field, which is number 1. */
function onlyText(message: Buffer): string {
  let [at, length, shift] = [1, 0, 0];
  for (; at < message.length; at++, shift += 7) {
    length += (message[at]! & 0x7f) << shift;
    if (message[at]! < 0x80) break;
  }
  return message.toString('utf8', at + 1, at + 1 + length);
}

function bytesField(number: number, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...varint(bytes.length)]), bytes]);
}

function numberField(number: number, value: number): Buffer {
  return Buffer.from([number << 3, ...varint(value)]);
}

function varint(value: number): number[] {
  const low = value % 128;
  return value < 128 ? [low] : [low | 0x80, ...varint(Math.floor(value / 128))];
}
