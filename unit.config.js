import config from './ava.config.js';
import { unitTests } from './tools/unit-tests.ts';

export default { ...config, files: unitTests() };
