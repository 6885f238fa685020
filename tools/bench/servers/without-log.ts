/** Loaded into Peerproof with `--import`: the decision log writes nothing. There is no such setting. */
import { registerHooks } from 'node:module';

const original = '?original';

registerHooks({
  load(url, context, next) {
    if (!/\/operate\/decision-log\.[jt]s$/.test(url) || url.includes('node_modules'))
      return next(url, context);
    const source = `export * from '${url}${original}';\nexport const createDecisionLog = () => () => undefined;`;
    return { format: 'module', source, shortCircuit: true };
  },
});
