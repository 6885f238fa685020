import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { configurations } from './checks/configuration.ts';
import type { Credential, Material } from './checks/material.ts';
import { checkOf } from './checks/wire.ts';
import { onCore, processorSeconds } from './cores.ts';
import type { Check } from './load/connection.ts';
import { Generator } from './load/generator.ts';
import { type Place, programOf } from './servers/server.ts';
import { median } from './statistics.ts';

/** Medians, in milliseconds. */
export interface StartTimes {
  /** From the start of the process to the answer to a first check with a token. */
  readonly toFirstAnswer: number;
  /** CPU time of the process until then. */
  readonly cpu: number;
}

export interface Start {
  readonly times: number;
  /** The package, which keeps its compiled modules at its first start. */
  readonly package: StartTimes;
  /** The package where it cannot keep compiled modules, and at its first start. */
  readonly uncompiled: StartTimes;
  /** The entry point of the image, with the settings of V8 and the compiled modules that the image has. */
  readonly image: StartTimes;
}

const patience = 30_000;
const between = 2;

/** Starts each kind in turn, again and again, and asks until it answers. */
export async function measureStart(
  top: string,
  material: Material,
  place: Place,
  times: number,
): Promise<Start> {
  const { NODE_COMPILE_CACHE: _, ...env } = process.env;
  const bin = [process.execPath, join(top, 'bin/peerproof.js')];
  const kind = (program: readonly string[], own: NodeJS.ProcessEnv) => {
    const starts: StartTimes[] = [];
    return { starts, start: () => startOnce(program, material, place, { ...env, ...own }) };
  };
  const packaged = kind(bin, {});
  const uncompiled = kind(bin, { NODE_DISABLE_COMPILE_CACHE: '1' });
  const image = kind(programOf(top), { NODE_COMPILE_CACHE: join(place.directory, 'compiled') });
  const kinds = [packaged, uncompiled, image];
  // The first of each keeps the compiled code when it ends.
  for (const { start } of kinds) await start();
  for (let time = 0; time < times; time++) for (const { starts, start } of kinds) starts.push(await start());
  return {
    times,
    package: medians(packaged.starts),
    uncompiled: medians(uncompiled.starts),
    image: medians(image.starts),
  };
}

function medians(starts: readonly StartTimes[]): StartTimes {
  return {
    toFirstAnswer: median(starts.map(({ toFirstAnswer }) => toFirstAnswer)),
    cpu: median(starts.map(({ cpu }) => cpu)),
  };
}

async function startOnce(
  program: readonly string[],
  material: Material,
  { directory, core }: Place,
  env: NodeJS.ProcessEnv,
): Promise<StartTimes> {
  const port = await freePort();
  const [configuration] = configurations(material, {});
  const file = join(directory, 'start.yaml');
  const listen = { grpc: `127.0.0.1:${port}`, admin: '127.0.0.1:0' };
  writeFileSync(file, JSON.stringify({ ...configuration, listen }));
  const credential = material.tokens('RS256')[0] as Credential;
  const subject = { credential, sender: credential.peer, index: 0, rule: 0 };
  const check = checkOf(subject, 'grpc', true);
  const serve = [...program, 'serve', '--config', file];
  const [command = '', ...args] = onCore(core, serve);
  const began = performance.now();
  const child = spawn(command, args, { stdio: 'ignore', env: { ...env, NODE: process.execPath } });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  try {
    const generator = await connected(port, began, check);
    const { status } = await generator.ask(check);
    const toFirstAnswer = performance.now() - began;
    const cpu = (processorSeconds(child.pid ?? 0) ?? Number.NaN) * 1000;
    generator.close();
    if (status !== 0) throw new Error(`the first answer after a start was ${status}`);
    return { toFirstAnswer, cpu };
  } finally {
    child.kill('SIGTERM');
    if (child.exitCode === null) await once(child, 'exit');
    process.off('exit', kill);
  }
}

async function connected(port: number, began: number, check: Check): Promise<Generator> {
  for (;;) {
    try {
      return await Generator.open({ wire: 'grpc', host: '127.0.0.1', port }, () => check);
    } catch (error) {
      if (performance.now() - began > patience) throw error;
      await sleep(between);
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}
