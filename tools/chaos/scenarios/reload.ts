import { waitFor } from '../../../test/support/wait.ts';
import { kinds } from '../callers.ts';
import type { Scenario } from '../scenario.ts';

/** Rules of other hosts. A service whose checks waited for their reading would lose answers. */
const others = Array.from({ length: 10_000 }, (_, number) => ({
  name: `other-${number}`,
  match: { hosts: [`other-${number}.example.com`], paths: ['/orders/**'] },
}));

/** The configuration is replaced while it is used. */
export const reloadScenarios: readonly Scenario[] = [
  {
    name: 'reload of a broken configuration',
    async fault({ world: { peerproof, config } }) {
      await peerproof.write('rules: [{name: x');
      await waitFor('a look at it', 8_000, async () => (await peerproof.readyz()).configuration.refused);
      return () => peerproof.write(config);
    },
    lasts: 2_000,
    async observe({ world: { peerproof } }) {
      const { configuration, status } = await peerproof.readyz();
      const refused = await peerproof.metric('peerproof_configuration_refused');
      return [
        status !== 200 && `/readyz is ${status}`,
        !configuration.refused && '/readyz does not say so',
        refused !== 1 && `peerproof_configuration_refused is ${refused}`,
      ];
    },
    recovers: 0,
  },
  {
    name: 'reload of a stricter configuration, and of the one before',
    async fault({ world: { peerproof, config } }) {
      await peerproof.write({ ...config, rules: [{ name: 'all', require: { scopes: ['special'] } }] });
      return () => peerproof.write(config);
    },
    during: { known: [403], fresh: [403], cluster: [403], opaque: [403] },
    // Two looks, a second apart, that find it alike.
    settle: 5_000,
    recovers: 6_000,
  },
  {
    name: 'reload of a configuration without rules for anything that is asked',
    async fault({ world: { peerproof, config } }) {
      await peerproof.write({ ...config, rules: [{ name: 'other', match: { paths: ['/other'] } }] });
      peerproof.signal('SIGHUP');
      return async () => {
        await peerproof.write(config);
        peerproof.signal('SIGHUP');
      };
    },
    during: Object.fromEntries(kinds.map((kind) => [kind, [403]])),
    settle: 2_000,
    recovers: 4_000,
  },
  {
    name: `reload of a configuration with ${others.length} rules more`,
    alone: true,
    async fault({ world: { peerproof, config } }) {
      const { version } = (await peerproof.readyz()).configuration;
      await peerproof.write({ ...config, rules: [...others, ...config.rules] });
      await waitFor('the reload', 60_000, async () => {
        const { configuration } = await peerproof.readyz();
        return configuration.version !== version;
      });
      return () => peerproof.write(config);
    },
    recovers: 0,
  },
];
