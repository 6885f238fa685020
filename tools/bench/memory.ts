import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { configurations, usualRules } from './checks/configuration.ts';
import type { Material } from './checks/material.ts';
import { checkOf } from './checks/wire.ts';
import { Generator } from './load/generator.ts';
import { WrongAnswer } from './measure.ts';
import { type Place, type Server, startPeerproof } from './servers/server.ts';

/** Resident memory in MB (10⁶ bytes). */
export interface Memory {
  readonly atRest: number;
  readonly with10000Rules: number;
  /** After these shares of the tokens. */
  readonly afterTokens: readonly (readonly [tokens: number, megabytes: number])[];
}

export interface MemoryOptions {
  readonly tokens: number;
  /** Milliseconds after the start: V8 and the allocator give back what the start needed. */
  readonly rest: number;
}

const quarters = 4;

/** Memory of the package: before any check, with many rules, and after many tokens that are all different. */
export async function measureMemory(
  top: string,
  material: Material,
  place: Place,
  { tokens, rest }: MemoryOptions,
): Promise<Memory> {
  const with10000Rules = await withServer({ rules: 10_000 }, async (server) => residentMegabytes(server));
  return withServer({}, async (server) => {
    const atRest = residentMegabytes(server);
    return { atRest, with10000Rules, afterTokens: await sendUnique(server, material, tokens) };
  });

  async function withServer<T>(
    shape: { readonly rules?: number },
    use: (server: Server) => Promise<T>,
  ): Promise<T> {
    const options = {
      top,
      wire: 'grpc',
      configurations: configurations(material, shape),
      probed: false,
    } as const;
    const server = await startPeerproof(options, place);
    try {
      await sleep(rest);
      return await use(server);
    } finally {
      await server.stop();
    }
  }
}

async function sendUnique(server: Server, material: Material, tokens: number) {
  let made = 0;
  const next = () => {
    const index = made++;
    const credential = material.token('EdDSA', index);
    return checkOf({ credential, sender: credential.peer, index, rule: index % usualRules }, 'grpc', true);
  };
  const generator = await Generator.open(server, next);
  const seen: (readonly [number, number])[] = [];
  for (let quarter = 0; quarter < quarters; quarter++) {
    const { wrong, firstWrong } = await generator.load(0, { calls: Math.round(tokens / quarters) });
    if (wrong > 0) throw new WrongAnswer(`${wrong} of many tokens got a wrong answer: ${firstWrong}`);
    await server.takeLines?.(0);
    seen.push([generator.sent, residentMegabytes(server)]);
  }
  generator.close();
  return seen;
}

function residentMegabytes({ pid }: Server): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return (Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024) / 1e6;
  } catch {
    return Number.NaN;
  }
}
