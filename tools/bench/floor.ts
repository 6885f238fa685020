/**
 * What grpc-js and proto-loader cost alone: a server with Peerproof's own protocol and options that gives the one
 * answer of its command line, as JSON, to every check. Prints its port.
 */
import * as grpc from '@grpc/grpc-js';
import type { CheckRequest, CheckResponse } from '../../src/grpc/check-messages.ts';
import { checkMethod } from '../protocol.ts';

// Peerproof's own encoder wants the metadata that each answer of Peerproof has.
const answer = { dynamicMetadata: { fields: {} }, ...JSON.parse(process.argv[2] ?? '') } as CheckResponse;
const server = new grpc.Server({
  'grpc.max_receive_message_length': 4_194_304,
  'grpc.max_concurrent_streams': 4096,
  'grpc.keepalive_time_ms': 20_000,
  'grpc.keepalive_timeout_ms': 10_000,
});
const check: grpc.handleUnaryCall<CheckRequest, CheckResponse> = (_, callback) => callback(null, answer);
server.addService({ Check: checkMethod }, { Check: check });
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(port);
});
