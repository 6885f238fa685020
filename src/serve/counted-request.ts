import type { RequestEnded } from '../operate/issuer-metrics.ts';

/**
 * Does the same as `send`, and tells `ended` about each call. `failed` means that there was no usable answer:
 * a refused token is an answer too. A request that is given up ends then.
 */
export function counted<Args extends readonly unknown[], Answer>(
  send: (...args: Args) => Promise<Answer>,
  ended: RequestEnded = () => undefined,
): (...args: Args) => Promise<Answer> {
  return async (...args) => {
    const began = performance.now();
    const seconds = () => (performance.now() - began) / 1000;
    try {
      const answer = await send(...args);
      ended('answered', seconds());
      return answer;
    } catch (error) {
      ended('failed', seconds());
      throw error;
    }
  };
}
