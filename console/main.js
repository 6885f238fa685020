import { showConfiguration } from './configuration.js';
import { showLogNotes, startDecisions } from './decisions.js';
import { startExplain } from './explain.js';
import { showBundles, showIssuers } from './issuers.js';
import { showLimits } from './limits.js';
import { showOverview, startOverview } from './overview.js';
import { startRules } from './rules.js';
import { again, ask } from './server.js';

startOverview();
const explainLine = startExplain();
startDecisions(explainLine);
startRules();

again(async () => {
  const state = await ask('state');
  showOverview(state);
  showIssuers(state);
  showBundles(state);
  showLimits(state);
  showConfiguration(state);
  showLogNotes(state.log);
}, 2_000);
