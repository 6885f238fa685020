import type { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { Watch } from '@kubernetes/client-node/dist/watch.js';
import { Agent } from 'undici';

export interface WatchTarget {
  readonly url: URL;
  readonly ca: string | undefined;
  readonly token: () => Promise<string>;
}

export interface OpenWatch {
  /**
   * Watches until the API server ends it, or nothing has come for 30 seconds. Then the caller begins again
   * from the last version that it saw.
   * @param onEvent must not throw: the library would swallow it
   * @param onOpen called when the API server has begun to answer
   * @throws Error with `statusCode` if it answers something else, or does not answer
   */
  watch(
    path: string,
    query: Readonly<Record<string, string | boolean>>,
    onEvent: (type: string, object: unknown) => void,
    onOpen: () => void,
  ): Promise<void>;
  /** Ends the watch. It resolves then. */
  close(): void;
}

/** Bytes of all events on one connection. Then a new one is opened. */
const maxBytes = 67_108_864;

/**
 * Opens a watch of a Kubernetes API server. Only this file loads the client library and undici, and only a
 * configuration with `rulesFrom` loads this file. The library reads no kubeconfig here: the address, the
 * authorities and the token are those of the settings. The token goes only to that address, also if the
 * server redirects.
 */
export function openWatch({ url, ca, token }: WatchTarget): OpenWatch {
  const agent = new Agent({
    connect: { rejectUnauthorized: true, ...(ca !== undefined && { ca }) },
    maxResponseSize: maxBytes,
  });
  const dispatcher = agent.compose((dispatch) => (options, handler) => {
    if (String(options.origin) !== url.origin)
      throw new Error('the API server redirects, which is not followed');
    return dispatch(options, handler);
  });
  const settings: Pick<KubeConfig, 'getCurrentCluster' | 'applySecurityAuthentication'> = {
    getCurrentCluster: () => ({
      ...{ name: '', skipTLSVerify: false },
      server: `${url.origin}${url.pathname.replace(/\/$/, '')}`,
    }),
    async applySecurityAuthentication(context) {
      context.setHeaderParam('authorization', `Bearer ${await token()}`);
      context.setHeaderParam('user-agent', 'peerproof');
      context.setDispatcher(dispatcher as Agent);
    },
  };
  const client = new Watch(settings as KubeConfig);
  let running: AbortController | undefined;
  let isClosed = false;
  return {
    async watch(path, query, onEvent, onOpen) {
      const ended = Promise.withResolvers<void>();
      let isOpen = false;
      let isOver = false;
      running = await client.watch(path, query, onEvent, (error: Error | null) => {
        isOver = true;
        if (!error || isClosed || (isOpen && error.name === 'TimeoutError')) ended.resolve();
        else ended.reject(error);
      });
      if (!isOver) {
        isOpen = true;
        onOpen();
      }
      if (isClosed) running.abort();
      return ended.promise;
    },
    close() {
      isClosed = true;
      running?.abort();
      void agent.destroy();
    },
  };
}
