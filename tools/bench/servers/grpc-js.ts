/** A floor: grpc-js and proto-loader answer every check at once. Prints its port. */
import { fileURLToPath } from 'node:url';
import * as grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

const proto = fileURLToPath(new URL('../../../proto', import.meta.url));
const definition = loadSync('envoy/service/auth/v3/external_auth.proto', { includeDirs: [proto] });
const service = definition['envoy.service.auth.v3.Authorization'] as grpc.ServiceDefinition;

const server = new grpc.Server({ 'grpc.max_concurrent_streams': 4096 });
const answer = { status: { code: 0 } };
const check: grpc.handleUnaryCall<object, object> = (_, callback) => callback(null, answer);
server.addService(service, { Check: check });
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(port);
});
