import { readFileSync } from 'node:fs';
import test from 'ava';
import { bindingNames } from '../src/core/binding/bind.ts';
import { drawProof, themes, widest } from '../tools/docs/proof-picture.ts';
import { clientPictures, proofPages } from '../tools/docs/proofs.ts';

const page = readFileSync(new URL('../docs/proofs.md', import.meta.url), 'utf8');

for (const name of bindingNames)
  test(`page of proofs – ${name} has a section, and says what it does not protect from`, (t) => {
    const [section = ''] = page.split(`\n### ${name}\n`)[1]?.split('\n##', 1) ?? [];
    t.true(section.includes(`alt="${proofPages[name].picture.says}"`));
    t.regex(section, /\| does not protect from \| \S/);
  });

const pictures = [
  ...bindingNames.map((name) => [name, proofPages[name].picture] as const),
  ...Object.entries(clientPictures),
];
for (const [name, picture] of pictures)
  test(`page of proofs – the words of the picture of ${name} have room, and need no escape`, (t) => {
    const { parts, ...words } = picture;
    for (const text of [...Object.values(words), ...Object.values(parts ?? {})])
      t.regex(text, /^[ !#-%'-;=?-~]+$/);
    for (const text of [picture.inToken, picture.shown ?? '', picture.thief])
      t.true(text.length <= widest, text);
    t.true(picture.carrier.length <= 32, picture.carrier);
  });

test('page of proofs – a picture is the same in both themes but for its colours', (t) => {
  const [light, dark] = (['light', 'dark'] as const).map((theme) => {
    const drawn = drawProof('certificate', proofPages.certificate.picture, theme);
    return Object.entries(themes[theme]).reduce((svg, [use, color]) => svg.replaceAll(color, use), drawn);
  });
  t.is(light, dark);
});
