import { type LoadedConfig, restoreConfig } from '../config/load.ts';
import type { ConfigurationRequest, HandedOver } from './messages.ts';

/** Milliseconds. Between two messages the primary reads only metrics and files. */
const patience = 10_000;

/**
 * Gets the last good configuration from the primary. The worker asks for it, because a message before it
 * listens would be lost.
 * @throws Error if the primary does not answer
 */
export async function takeOver(): Promise<{ loaded: LoadedConfig; refused: string | undefined }> {
  const { promise, resolve, reject } = Promise.withResolvers<HandedOver>();
  const onMessage = (message: Partial<HandedOver>) => {
    if (message.configuration) resolve(message as HandedOver);
  };
  process.on('message', onMessage);
  const timer = setTimeout(() => reject(new Error('the primary did not send a configuration')), patience);
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
