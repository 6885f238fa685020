import { readFileSync } from 'node:fs';
import test from 'ava';
import { finalStage } from '../../tools/image/dockerfile.ts';

const text = readFileSync(new URL('../../Dockerfile', import.meta.url), 'utf8');

test('npm run image – reads the final stage of the Dockerfile, with the values of its arguments', (t) => {
  const stage = finalStage(text, { SOURCE: 'https://code.test', REVISION: 'abc' });
  t.is(stage.labels['org.opencontainers.image.source'], 'https://code.test');
  t.is(stage.labels['org.opencontainers.image.revision'], 'abc');
  t.is(stage.labels['org.opencontainers.image.base.digest'], stage.base.digest);
  t.is(stage.folder, '/app');
  t.true(stage.copies.some(({ from, built }) => from === '/app/dist' && built));
  t.true(stage.copies.some(({ from, built }) => from === 'bin' && !built));
});

test('npm run image – an argument without a value has the default of the Dockerfile', (t) => {
  t.is(finalStage(text).labels['org.opencontainers.image.source'], '');
});

for (const [name, line, message] of [
  ['an instruction', 'RUN rm -rf /', /the final stage has RUN, which npm run image does not know/],
  ['a second user', 'USER root', /must have one USER, and has 2/],
  ['a copy of two paths', 'COPY a b /c/', /copies one path at a time, and not: COPY a b \/c\//],
  ['a copy from another image', 'COPY --from=other /a /b', /copies one path at a time/],
] as const)
  test(`npm run image – refuses ${name} that it would otherwise pass over`, (t) => {
    t.throws(() => finalStage(`${text}\n${line}\n`), { message });
  });
