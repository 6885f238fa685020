/**
 * Installs Peerproof with the chart in a real cluster with Istio, lets `helm test` ask it, and sends the requests of
 * test/doors/verdicts.ts through real sidecars. Removes what it made. `npm run test:cluster -- --image REPOSITORY:TAG`,
 * with KUBECONFIG. Exit code 0: every verdict is as the table says. 1: one is not, or something failed. 2: it did not run.
 */
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { createMint } from '../../test/doors/mint.ts';
import { verdicts } from '../../test/doors/verdicts.ts';
import { askAll, type Judged, sendable } from './ask.ts';
import {
  install,
  obstacle,
  protect,
  readCertificate,
  reasonsInLog,
  removeAll,
  sendFromPod,
  situation,
  startApplications,
} from './steps.ts';

const { image } = parseArgs({ options: { image: { type: 'string' } } }).values;
process.exitCode = await main();

async function main(): Promise<number> {
  if (!process.env.KUBECONFIG) return notRun('KUBECONFIG is not set. It names the cluster, with Istio in it');
  if (!image) return notRun('--image REPOSITORY:TAG is missing. The cluster must be able to pull it');
  const reason = await obstacle().catch(
    (error: Error) => `the cluster cannot be asked: ${error.message.trim()}`,
  );
  if (reason) return notRun(reason);
  // An interrupt ends the program that is running, and so the run. What it made is still removed.
  process.on('SIGINT', () => undefined);
  const code = await run(image).catch(failed);
  if (code !== 0) console.error(await situation());
  const removed = await removeAll().then(() => 0, failed);
  return code || removed;
}

function failed(error: Error): number {
  console.error(`FAILED: ${error.message}`);
  return 1;
}

function notRun(reason: string): number {
  console.error(`NOT RUN: ${reason}.`);
  return 2;
}

async function run(image: string): Promise<number> {
  await startApplications(image);
  const { mint, signer } = createMint(await readCertificate());
  console.log(await install(image, signer));
  await protect(sendFromPod);
  const { rows, others } = sendable(verdicts);
  const judged = await askAll(rows, mint, sendFromPod, reasonsInLog);
  for (const one of judged) console.log(lineOf(one));
  for (const { name } of others) console.log(`NOT RUN: ${name}: nobody in one mesh has this certificate`);
  const differing = judged.filter((one) => !isRight(one)).length;
  console.log(`${judged.length - differing} as the table says, ${differing} not, ${others.length} not run`);
  return differing > 0 ? 1 : 0;
}

function isRight({ got, wanted }: Judged): boolean {
  return isDeepStrictEqual(got, wanted);
}

function lineOf(one: Judged): string {
  if (isRight(one)) return `ok: ${one.name}`;
  return `DIFFERENT: ${one.name}: ${JSON.stringify(one.got)}, expected ${JSON.stringify(one.wanted)}`;
}
