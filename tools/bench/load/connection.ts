/** One check as it stands on the wire. Made before the clock runs. */
export interface Check {
  /** Over gRPC the message with its prefix of 5 bytes, over HTTP the whole request. */
  readonly bytes: Buffer;
  /** Stands in the right answer and in no other: an answer to another token is a wrong one. */
  readonly names?: Buffer | undefined;
}

/** No whole answer came, or one that belongs to another check. */
export const noAnswer = -1;

/**
 * Gets each answer: when its check was due, its status, and its bytes. The bytes may be used during the call
 * only. The status is `status.code` over gRPC, the status of HTTP, or `noAnswer`.
 */
export type Answered = (connection: Connection, due: number, status: number, answer: Buffer) => void;

/** A connection to a server under load. */
export interface Connection {
  /** Adds a check to what `flush` writes. */
  send(check: Check, due: number): void;
  flush(): void;
  /** Checks under way are not answered any more. */
  close(): void;
}

/** What a server is asked in, and where. */
export interface Target {
  readonly wire: 'grpc' | 'http';
  readonly host: string;
  readonly port: number;
}
