import { rm, writeFile } from 'node:fs/promises';
import type { ConfigInput } from '../../../src/config/schema.ts';
import { type Stage, type Story, story } from '../story.ts';

const outage = 'store_unavailable';

/** Revocations in a file of this story's own. */
function withFile({ configs }: Stage, file: string, more: object = {}): ConfigInput {
  return { ...configs.revoked, revocation: { file, maxStaleness: '3s', ...more } };
}

async function ownFile({ standIns, teardown }: Stage, name: string, text: string): Promise<string> {
  const file = `${standIns.files.revocations}.${name}`;
  await writeFile(file, text);
  teardown(() => rm(file, { force: true }));
  return file;
}

const alice = '{"kind":"subject","value":"alice","until":"2100-01-01T00:00:00Z"}\n';

/** What is revoked must stay revoked when the list of revocations is gone, broken or old. */
export const stale: Readonly<Record<string, Story>> = {
  'a list that grows old refuses every token, and nobody else': story(
    ['allowed', 'allowed', outage, outage, 'public', 'allowed'],
    async (stage) => {
      const file = await ownFile(stage, 'old', '');
      const scene = await stage.scene(withFile(stage, file));
      const question = { token: stage.fixture.token, path: '/bearer' };
      const answers = [await scene.check(question)];
      await rm(file);
      scene.clock.now += 3_000;
      answers.push(await scene.check(question));
      scene.clock.now += 1;
      answers.push(await scene.check(question), await scene.check({ ...question, path: '/optional' }));
      answers.push(await scene.check({ path: '/healthz' }));
      await writeFile(file, '');
      await scene.refetch();
      return [...answers, await scene.check(question)];
    },
    { only: 'pure' },
  ),
  'a list that is broken keeps in force what was read before': story(
    ['token_revoked', 'token_revoked', outage],
    async (stage) => {
      const file = await ownFile(stage, 'broken', alice);
      const scene = await stage.scene(withFile(stage, file));
      const question = { token: stage.fixture.token, path: '/bearer' };
      const answers = [await scene.check(question)];
      await writeFile(file, '{"kind":"subject"}\n');
      await scene.refetch();
      answers.push(await scene.check(question));
      scene.clock.now += 3_001;
      return [...answers, await scene.check(question)];
    },
    { only: 'pure' },
  ),
  'with useKnown, a list that is gone keeps in force what was read before': story(
    ['token_revoked', 'token_revoked', 'allowed'],
    async (stage) => {
      const file = await ownFile(stage, 'known', alice);
      const scene = await stage.scene(withFile(stage, file, { onOutage: 'useKnown' }));
      const question = { token: stage.fixture.token, path: '/bearer' };
      const answers = [await scene.check(question)];
      await rm(file);
      scene.clock.now += 60_000;
      await scene.refetch();
      answers.push(await scene.check(question));
      return [...answers, await scene.check({ ...question, token: stage.fixture.sign({ sub: 'bob' }) })];
    },
    { only: 'pure' },
  ),
  'more revocations than there is memory for refuse every token': story(
    [outage],
    async (stage) => {
      const text = Array.from({ length: 2_600 }, (_, index) => alice.replace('alice', `user-${index}`)).join(
        '',
      );
      const file = await ownFile(stage, 'full', text);
      const scene = await stage.scene(withFile(stage, file, { memory: '1Mi' }));
      return [await scene.check({ token: stage.fixture.sign({ sub: 'bob' }), path: '/bearer' })];
    },
    { only: 'pure' },
  ),
  'a reload keeps what is revoked': story(['token_revoked', 'token_revoked'], async (stage) => {
    const scene = await stage.scene(stage.configs.revoked);
    const question = { token: stage.fixture.sign({ sub: 'mallory' }), path: '/bearer' };
    const before = await scene.check(question);
    await scene.reload({ ...stage.configs.revoked, realm: 'another' });
    return [before, await scene.check(question)];
  }),
};
