import { readMessage } from './protobuf-reader.ts';

export const serviceName = 'envoy.service.auth.v3.Authorization';
export const checkPath = `/${serviceName}/Check`;

const health = '/grpc.health.v1.Health';
export const healthPaths = { check: `${health}/Check`, watch: `${health}/Watch` } as const;

/**
 * The service that a `HealthCheckRequest` names. Empty: the whole server.
 * @throws BrokenMessage if the bytes are not a message
 */
export function decodeHealthRequest(bytes: Buffer): string {
  return readMessage(bytes, { service: '' }, (reader, field, request) => {
    if (field === 1) request.service = reader.text();
  }).service;
}
