import type { Group } from '../case.ts';
import { keyedByEverything, outlivesNothing } from '../stories/memories.ts';
import { outages } from '../stories/outages.ts';
import { reloads } from '../stories/reloads.ts';
import { story } from '../story.ts';

export const group: Group = {
  number: 13,
  title: 'Caches',
  items: {
    'the cache key contains everything that the answer depends on': {
      source: 'GHSA-4mq7-pvjg-xp2r; CWE-524',
      stories: keyedByEverything,
    },
    'no entry is used after `exp` or without the key that verified it': {
      source: 'RFC 7662 §4; RFC 7519 §4.1.4',
      stories: {
        ...outlivesNothing,
        'a flood of good tokens stays within the limit': story(
          ['allowed'],
          async ({ t, fixture, configs, scene }) => {
            const { check, remembered } = await scene({
              ...configs.main,
              limits: { tokenMemory: '64Ki', certificateMemory: '64Ki' },
            });
            for (let number = 0; number < 500; number++)
              await check({ token: fixture.sign({ jti: String(number) }) });
            t.true(remembered().tokens <= 100, `${remembered().tokens} tokens`);
            return [await check({ token: fixture.token })];
          },
        ),
        'what was refused is not remembered': story(
          ['token_signature_invalid', 'allowed'],
          async ({ t, fixture, configs, scene }) => {
            const { check, remembered } = await scene(configs.main);
            const first = await check({ token: fixture.sign({}, { kid: 'ec' }, 'stranger') });
            t.is(remembered().tokens, 0);
            return [first, await check({ token: fixture.token })];
          },
        ),
      },
    },
    'no deny caused by an outage is cached': { source: 'Authorino issue 649', stories: outages },
    'a reload drops them': { source: 'CWE-613', stories: reloads },
  },
};
