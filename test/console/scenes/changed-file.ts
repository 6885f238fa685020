import { readFile, writeFile } from 'node:fs/promises';
import { waitFor } from '../../support/wait.ts';
import { type Stage, startStage } from '../stage.ts';
import { send, usualTraffic } from '../traffic.ts';

export interface ChangedFile extends Stage {
  /** The version that runs. */
  version(): Promise<string>;
  /** Gives a rule another name, and waits until this runs. */
  accept(): Promise<void>;
  /** Writes a key that does not exist, and waits until the file is refused. Gives the line of the mistake. */
  refuse(): Promise<number>;
}

const mistake = 'require: {scops: [orders.read]}';

/** Somebody edits the file while the service runs. */
export async function playChangedFile(): Promise<ChangedFile> {
  const stage = await startStage();
  const { peerproof } = stage;
  const configuration = async () => JSON.parse((await peerproof.page('/readyz')).body).configuration;
  const write = async (change: (text: string) => string) => {
    const text = change(await readFile(peerproof.file, 'utf8'));
    await writeFile(peerproof.file, text);
    peerproof.signal('SIGHUP');
    return text;
  };
  try {
    await send(stage, usualTraffic);
    const running = await configuration();
    return {
      ...stage,
      version: async () => (await configuration()).version,
      accept: async () => {
        await write((text) => text.replace('name: reports', 'name: read-reports'));
        await waitFor(
          'the new version',
          5_000,
          async () => (await configuration()).version !== running.version,
        );
      },
      refuse: async () => {
        const text = await write((before) => `${before}  - name: stock\n    ${mistake}\n`);
        await waitFor('the refusal', 5_000, async () => (await configuration()).refused);
        return text.split('\n').findIndex((line) => line.includes(mistake)) + 1;
      },
    };
  } catch (error) {
    await stage.stop();
    throw error;
  }
}
