/**
 * `npm run bench [-- --seconds N --rounds N --profile]`: checks per second that Peerproof answers on one core, beside a
 * server that answers at once. Exit code 1 where any answer was wrong.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findCores, moveTo } from './cores.ts';
import { responseOf } from './frame.ts';
import { Generator } from './generator.ts';
import { createMaterial, type Material, tokenCount } from './material.ts';
import { measureParts } from './micro.ts';
import { profileRow } from './profile.ts';
import { type Measured, measure, type Row, WrongAnswer } from './row.ts';
import { type Place, type Server, startFloor, startPeerproof } from './server.ts';
import { checksTable, markdown } from './table.ts';

/** Less than the tokens that come in turn need: each is forgotten before it comes again, and is verified anew. */
const forgetful = { limits: { tokenMemory: '1Mi' } };

const firstWarmUp = 1_200;
const laterWarmUp = 250;

const servers: Server[] = [];
const directory = mkdtempSync(join(tmpdir(), 'peerproof-bench-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

process.exitCode = await main().catch((error: unknown) => {
  console.error(String(error instanceof Error ? error.stack : error));
  return 1;
});
await Promise.all(servers.map((server) => server.stop().catch((error) => console.error(String(error)))));

async function main(): Promise<number> {
  const settings = readSettings();
  if (!settings) return 2;
  const { milliseconds, rounds } = settings;
  const cores = findCores();
  if (cores) moveTo(cores.generator);
  const place: Place = { directory, core: cores?.server };
  const material = await createMaterial();
  if (settings.profile) {
    console.log(await profileRow(knownRow(material), material.config, place, Math.max(milliseconds, 5_000)));
    return 0;
  }
  const rows = await startRows(material, place);
  const windows = rows.map((): Measured[] => []);
  for (let round = 0; round < rounds; round++)
    for (const [index, row] of rows.entries())
      windows[index]?.push(await measure(row, round === 0 ? firstWarmUp : laterWarmUp, milliseconds));
  await Promise.all(servers.splice(0).map((server) => server.stop()));

  console.log(
    `Node ${process.versions.node}, ${cpus()[0]?.model ?? 'unknown processor'}; ${rounds} interleaved rounds of ${milliseconds / 1000} s, medians; 64 checks in flight over 2 connections; decision log on.`,
  );
  console.log(
    cores
      ? 'The server has one core, the generator another (taskset).'
      : '**Not pinned to cores** (no taskset, or one core only): servers may have used more than one.',
  );
  console.log(
    `A CheckRequest has ${material.frames.RS256[0]?.length} bytes with RS256, ${material.frames.ES256[0]?.length} with ES256; the tokens are ${tokenCount}, each bound to its workload's EC P-256 certificate.`,
  );
  console.log(
    `"New": limits.tokenMemory is ${forgetful.limits.tokenMemory} and the tokens come in turn, so each is forgotten before it comes again; the decision log confirmed it for every check, as it did for "known".\n`,
  );
  console.log(checksTable(rows.map(({ name }, index) => ({ name, windows: windows[index] ?? [] }))));
  const lost = windows.flat().reduce((sum, window) => sum + window.lost, 0);
  if (lost > 0) console.log(`\n**${lost} decision log lines were dropped.**`);
  const parts = await measureParts(material);
  console.log(
    `\n${markdown(
      ['one part, alone', 'µs'],
      parts.map(([name, time]) => [name, time.toFixed(2)]),
    )}`,
  );
  const [ten, many] = parts.slice(-2).map(([, time]) => time);
  console.log(`\n10,000 rules cost ${((many ?? 0) / (ten ?? 1)).toFixed(2)} × what 10 cost.`);
  return 0;
}

/** The servers, and what each is asked. They live through all rounds. */
async function startRows(material: Material, place: Place): Promise<readonly Row[]> {
  const start = async (starting: Promise<Server>) => {
    const server = await starting;
    servers.push(server);
    return server;
  };
  const peerproof = await start(startPeerproof('remembering', material.config, place));
  const forgetting = await start(startPeerproof('forgetting', { ...material.config, ...forgetful }, place));
  const known = { ...knownRow(material), server: peerproof };
  const { frames, stolen } = material;
  const sameAnswer = await answerTo(known.good, peerproof);
  const floor = await start(startFloor({ status: { code: 0 } }, place));
  const wideFloor = await start(startFloor(sameAnswer, place));
  const newRow = (alg: 'RS256' | 'ES256'): Row => ({
    name: `Peerproof, all tokens new ${alg}`,
    server: forgetting,
    frames: frames[alg].slice(1),
    expected: 0,
    remembered: false,
    // Not one of those that come in turn: asked for out of turn it would be remembered when its turn comes.
    good: frames[alg][0] as Buffer,
    bad: [material.tampered[alg]],
  });
  return [
    { name: 'floor: grpc-js, answers at once', server: floor, frames: frames.RS256, expected: 0 },
    { name: "the same with Peerproof's answer", server: wideFloor, frames: frames.RS256, expected: 0 },
    known,
    newRow('RS256'),
    newRow('ES256'),
    { ...known, name: 'Peerproof, stolen tokens (denied)', frames: stolen, expected: 16 },
  ];
}

function knownRow({ frames, tampered, stolen }: Material) {
  return {
    name: 'Peerproof, known tokens RS256',
    frames: frames.RS256,
    expected: 0,
    remembered: true,
    good: frames.RS256[0] as Buffer,
    bad: [tampered.RS256, stolen[0] as Buffer],
  };
}

/** What Peerproof says to a good token. */
async function answerTo(frame: Buffer, server: Server): Promise<object> {
  const generator = new Generator(server.port);
  const answer = responseOf(await generator.call(frame));
  generator.close();
  if (!answer.okResponse) throw new WrongAnswer(`a good token was kept out: ${JSON.stringify(answer)}`);
  return answer;
}

/** Undefined, and said, where the command line is not understood. */
function readSettings() {
  try {
    const { values } = parseArgs({
      options: {
        seconds: { type: 'string', default: '2' },
        rounds: { type: 'string', default: '3' },
        profile: { type: 'boolean', default: false },
      },
    });
    const [seconds, rounds] = [Number(values.seconds), Number(values.rounds)];
    if (!(seconds >= 0.2 && seconds <= 60)) throw new TypeError('--seconds is 0.2 to 60');
    if (!(Number.isInteger(rounds) && rounds >= 1 && rounds <= 20))
      throw new TypeError('--rounds is 1 to 20');
    return { milliseconds: seconds * 1000, rounds, profile: values.profile };
  } catch (error) {
    console.error(`${(error as Error).message}\nnpm run bench [-- --seconds N --rounds N --profile]`);
    return undefined;
  }
}
