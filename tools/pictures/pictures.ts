import type { Look, OpenedConsole } from '../../test/console/open-console.ts';
import { playChangedFile } from '../../test/console/scenes/changed-file.ts';
import { playIssuerDown } from '../../test/console/scenes/issuer-down.ts';
import { playNearLimits } from '../../test/console/scenes/near-limits.ts';
import { playRefusals } from '../../test/console/scenes/refusals.ts';
import { type Stage, startStage } from '../../test/console/stage.ts';
import { send } from '../../test/console/traffic.ts';

/** One picture of the console. */
export interface Picture {
  /** Of its file in `docs/assets/`, after `console-`. */
  readonly name: string;
  readonly look: Look;
  /** Pixels of the page, from its top. */
  readonly height: number;
  play(): Promise<Stage>;
  /** What a person does before the picture is taken. */
  prepare?(opened: OpenedConsole): Promise<void>;
}

/** What a laptop shows at once. */
const screen = { look: {}, height: 800 } as const;

export const pictures: readonly Picture[] = [
  { ...screen, name: 'overview', height: 1_250, play: () => startStage() },
  { ...screen, name: 'issuer-down', play: playIssuerDown },
  { ...screen, name: 'refusals', play: playRefusals },
  {
    ...screen,
    name: 'changed-file',
    play: async () => {
      const scene = await playChangedFile();
      await scene.refuse();
      return scene;
    },
  },
  { ...screen, name: 'near-limits', play: playNearLimits },
  {
    name: 'narrow',
    look: { width: 400, scheme: 'dark' },
    height: 1_200,
    play: playIssuerDown,
  },
  {
    ...screen,
    name: 'explain',
    play: async () => {
      const stage = await startStage();
      await send(stage, { unscoped: 1 });
      return stage;
    },
    prepare: async ({ section }) => {
      const row = section('Decisions').getByRole('row').filter({ hasText: 'scope_missing' }).first();
      await row.getByRole('button', { name: 'Explain this' }).click();
      await section('Explanation').getByText('scope_missing').first().waitFor();
      await section('Explanation').evaluate((element) => element.scrollIntoView());
    },
  },
];
