import config from './ava.config.js';
import { longTests } from './tools/long-tests.ts';

export default { ...config, files: longTests };
