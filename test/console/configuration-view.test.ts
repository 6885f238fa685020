import test from 'ava';
import { parseConfig } from '../../src/config/load.ts';
import { createConfigurationView } from '../../src/console/configuration-view.ts';
import { Malformed } from '../../src/lib/malformed.ts';
import { configText } from '../support/peerproof.ts';

const rules = [{ name: 'health', match: { paths: ['/healthz'] }, public: true as const }];
const loaded = parseConfig(configText({ rules }), 'a.yaml');
const other = parseConfig(configText({ rules, realm: 'other' }), 'a.yaml');

test('console configuration – a failure is not tried again each time that a page asks', async (t) => {
  let [tries, running] = [0, loaded];
  const run = async () => {
    tries++;
    return running === loaded ? new Malformed('too large') : { yaml: 'a' };
  };
  const view = createConfigurationView({ loaded: () => running }, { run });
  for (let n = 0; n < 3; n++) t.deepEqual(await view(), { problem: 'too large' });
  t.is(tries, 1);
  // Another configuration is tried at once.
  running = other;
  for (let n = 0; n < 3; n++) t.deepEqual(await view(), { yaml: 'a' });
  t.is(tries, 2);
});
