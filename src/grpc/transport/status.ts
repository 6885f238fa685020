/** The gRPC codes that this service uses (https://grpc.io/docs/guides/status-codes/). */
export const status = {
  OK: 0,
  NOT_FOUND: 5,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAUTHENTICATED: 16,
} as const;

export type Status = (typeof status)[keyof typeof status];
