import { type LoadedConfig, restoreConfig } from '../config/load.ts';
import type { ConfigurationRequest, HandedOver } from './messages.ts';

/** Milliseconds. The primary reads metrics and files between two messages, and nothing that takes long. */
const patience = 10_000;

/**
 * What this worker serves with: the last good configuration of its primary. It is asked for, because what a primary sends
 * before anybody listens is lost.
 * @throws Error where the primary does not answer
 */
export async function takeOver(): Promise<{ loaded: LoadedConfig; refused: string | undefined }> {
  const { promise, resolve, reject } = Promise.withResolvers<HandedOver>();
  const onMessage = (message: Partial<HandedOver>) => {
    if (message.configuration) resolve(message as HandedOver);
  };
  process.on('message', onMessage);
  const timer = setTimeout(() => reject(new Error('the primary handed over no configuration')), patience);
  try {
    const request: ConfigurationRequest = { configurationRequest: true };
    process.send?.(request, undefined, undefined, (error: Error | null) => error && reject(error));
    const { configuration, refused } = await promise;
    const { file, text, files } = configuration;
    return { loaded: restoreConfig({ file, text, files: new Map(files) }), refused };
  } finally {
    clearTimeout(timer);
    process.off('message', onMessage);
  }
}
