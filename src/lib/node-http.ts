/**
 * The parts of node:http that are used as values. An `import` of node:http reads each of its exports, and one
 * of them loads all of undici: 40 ms of each start.
 */
export const {
  Agent,
  createServer,
  IncomingMessage,
  request,
  STATUS_CODES,
  validateHeaderName,
  validateHeaderValue,
} = process.getBuiltinModule('node:http');
