/** A thread that makes checks in chunks, so that signing does not hold up those who send them. See {@link Maker}. */
import { parentPort, workerData } from 'node:worker_threads';
import { createCa } from '../../test/support/ca.ts';
import { createSigner } from '../../test/support/jwt-signer.ts';
import { frameOf } from '../bench/frame.ts';
import { checkOf, kinds, type Material, order, workload } from './checks.ts';
import type { Chunk, FromMaker, MakerData, ToMaker } from './maker-client.ts';

const { certificates: count } = workerData as MakerData;
const port = parentPort;
if (!port) throw new TypeError('this is a worker thread');
const say = (message: FromMaker, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);

const ca = await createCa();
const certificates: Material['certificates'][number][] = [];
for (let index = 0; index < count; index++) {
  const spiffeId = workload(`orders-${index}`);
  certificates.push({ spiffeId, issued: await ca.svid(spiffeId, { subject: '' }) });
}
let signer = createSigner('ES256');
let next = signer;
let issuer = '';
let number = 0;
say({ what: 'key', jwk: signer.publicJwk });

port.on('message', (message: ToMaker) => {
  switch (message.what) {
    case 'issuer':
      issuer = message.issuer;
      return;
    case 'next key':
      next = createSigner('ES256');
      return say({ what: 'key', jwk: next.publicJwk });
    case 'use it':
      signer = next;
      return;
    case 'make': {
      const chunk = make(message.count);
      return say({ what: 'chunk', chunk }, [chunk.bytes]);
    }
  }
});

/** All frames of a chunk in one piece of memory, which is handed over and not copied. */
function make(size: number): Chunk {
  const made = Array.from({ length: size }, () => {
    number++;
    const kind = order[number % order.length] ?? 0;
    const parts = kinds[kind]?.make({ signer, issuer, certificates, number });
    return { kind, frame: frameOf(checkOf(parts ?? {}, number)) };
  });
  const total = made.reduce((sum, { frame }) => sum + frame.length, 0);
  const bytes = new Uint8Array(new ArrayBuffer(total));
  const ends: number[] = [];
  let end = 0;
  for (const { frame } of made) {
    bytes.set(frame, end);
    end += frame.length;
    ends.push(end);
  }
  return { bytes: bytes.buffer, ends, kinds: made.map(({ kind }) => kind) };
}
