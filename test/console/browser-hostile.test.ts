import { overflows } from './accessibility.ts';
import { browserTest, onStage, theBrowser } from './browser-test.ts';
import { openConsole } from './open-console.ts';
import { startStage } from './stage.ts';

const image = '<img src=x onerror=alert(1)>';
/** They would hide, move or color what stands beside them. */
const unclear = '\0\u001b\u0007\u202e';
const script = '"><script>alert(2)</script>';
/** Each is a subject and a part of a path. */
const hostile = {
  'an image': image,
  'a script': script,
  'a link': 'javascript:alert(3)//https://evil.example/',
  'a template': '{{constructor.constructor("alert(5)")()}}',
  'a change of direction': 'evil\u202egnp.exe\u202c',
  'NUL and escapes': 'a\0b\u001b[31mred\u0007',
  '8 KB without a space': 'x'.repeat(8_192),
};

const stage = onStage(async () => {
  const started = await startStage();
  const { partner } = started.issuers;
  partner.setDiscovery({ issuer: image });
  return started;
});

for (const width of [1280, 400])
  browserTest(
    `console – what callers and issuers wrote is shown as text, ${width} pixels wide`,
    async (t) => {
      const opened = await openConsole(theBrowser(), stage().peerproof.adminPort, { width });
      const { page, section, problems, close } = opened;
      t.teardown(close);
      await section('Issuers').getByText('Down since').waitFor();
      for (const text of Object.values(hostile)) {
        const token = stage().mint('corp', { sub: text, client_id: text, scope: text });
        await stage().ask({ path: `/${text}`, token });
        await stage().ask({ path: '/orders/1', token });
        await stage().ask({ host: text, token });
      }
      const decisions = section('Decisions');
      await decisions.getByText(image).first().waitFor();
      for (const button of await decisions.getByRole('button', { name: 'Details' }).all())
        await button.click();
      const rows = decisions.getByRole('row').filter({ hasText: image });
      await rows
        .filter({ hasText: 'binding_missing' })
        .first()
        .getByRole('button', { name: 'Explain this' })
        .click();
      await section('Explanation').getByText(image).first().waitFor();
      t.is(await page.locator('img, iframe, object, embed').count(), 0);
      t.is(await page.locator('main script, a[href^="javascript"]').count(), 0);
      const text = await page.locator('body').innerText();
      t.true(text.includes(image));
      t.true(text.includes(script));
      t.deepEqual(
        [...unclear].filter((character) => text.includes(character)),
        [],
      );
      t.false(await overflows(page), 'the page can be scrolled sideways');
      t.deepEqual(problems, []);
    },
  );
