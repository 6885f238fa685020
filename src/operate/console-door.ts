import type { IncomingMessage, ServerResponse } from 'node:http';

/** One request to the console, and its answer. */
export interface ConsoleExchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Says that the answer has no end. Such a connection is not closed to make room for another. */
  readonly keepOpen: () => void;
}

/** The part of the admin port below `/console`. */
export interface ConsoleDoor {
  /** Whether the settings permit a console. If not, its paths are unknown and nothing of it is loaded. */
  isOpen(): boolean;
  /** Resolves when the answer has ended, or its connection is closed. */
  answer(exchange: ConsoleExchange): Promise<void>;
}

export function isConsolePath(path: string): boolean {
  return path === '/console' || path.startsWith('/console/');
}
