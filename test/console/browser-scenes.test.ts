import type { ExecutionContext } from 'ava';
import { browserTest, theBrowser } from './browser-test.ts';
import { readFirstScreen } from './first-screen.ts';
import { openConsole } from './open-console.ts';
import { playChangedFile } from './scenes/changed-file.ts';
import { playIssuerDown } from './scenes/issuer-down.ts';
import { playNearLimits } from './scenes/near-limits.ts';
import { playRefusals } from './scenes/refusals.ts';
import type { Stage } from './stage.ts';

/** The statements of the first screen that are about something, as soon as there is one. */
async function readAbout(
  t: ExecutionContext,
  { peerproof }: Pick<Stage, 'peerproof'>,
  subject: string | RegExp,
): Promise<string[]> {
  const { page, problems, section, close } = await openConsole(theBrowser(), peerproof.adminPort);
  t.teardown(close);
  await section('Overview').getByText(subject).first().waitFor();
  const texts = await readFirstScreen(page);
  t.deepEqual(problems, []);
  const about = texts.filter((text) =>
    typeof subject === 'string' ? text.includes(subject) : subject.test(text),
  );
  t.true(about.length > 0, texts.join('\n'));
  return about;
}

/** Each second of a period, as a person in London reads it in winter. */
function clockTimes(from: number, to: number): string[] {
  const seconds = Math.floor(to / 1_000) - Math.floor(from / 1_000) + 1;
  return Array.from({ length: seconds }, (_, index) =>
    new Date(from + index * 1_000).toISOString().slice(11, 19),
  );
}

browserTest('console – the first screen says which issuer is down, and since when', async (t) => {
  const scene = await playIssuerDown();
  t.teardown(scene.stop);
  const [said = '', ...more] = await readAbout(t, scene, /is down/);
  t.deepEqual(more, []);
  t.true(said.includes(`The issuer ${scene.down} is down`), said);
  const times = clockTimes(scene.since.earliest, scene.since.latest);
  t.true(
    times.some((time) => said.includes(`since ${time}`)),
    `${said} and not ${times}`,
  );
});

browserTest('console – the first screen says which rule refuses most, and why', async (t) => {
  const scene = await playRefusals();
  t.teardown(scene.stop);
  const [said = '', ...more] = await readAbout(t, scene, /refuses most/);
  t.deepEqual(more, []);
  for (const part of [`The rule ${scene.rule} refuses most`, String(scene.refused), scene.reason])
    t.true(said.includes(part), said);
});

browserTest('console – the first screen says whether the configuration in the file runs', async (t) => {
  const scene = await playChangedFile();
  t.teardown(scene.stop);
  const same = 'As in peerproof.yaml';
  t.deepEqual(await readAbout(t, scene, same), [`Configuration ${same}`]);
  await scene.accept();
  t.deepEqual(await readAbout(t, scene, same), [`Configuration ${same}`]);

  const line = await scene.refuse();
  const said = (await readAbout(t, scene, /differs from/i)).join('\n');
  for (const part of [
    'Configuration Differs from peerproof.yaml',
    'it is refused',
    `.yaml:${line}: `,
    'scops',
  ])
    t.true(said.includes(part), said);
});

browserTest('console – the first screen says how close the service is to its limits', async (t) => {
  const scene = await playNearLimits();
  t.teardown(scene.stop);
  const said = (await readAbout(t, scene, 'Checks that wait')).join('\n');
  t.true(said.includes('the limit is near'), said);
  t.true(said.includes('Nearest limit Checks that wait for issuers, 87.5 %'), said);
});
