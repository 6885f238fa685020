import type { ServerResponse } from 'node:http';

/** A whole answer. */
export interface ConsoleAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * On every answer of the console. A page can load nothing but its own files, and no other page can frame,
 * read or open it. Trusted Types forbid to make HTML of a text.
 */
export const protection: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'cache-control': 'no-store',
};

export function send(response: ServerResponse, { status, type, body, headers }: ConsoleAnswer): void {
  response.writeHead(status, { ...protection, 'content-type': type, ...headers }).end(body);
}

export function text(status: number, body: string, headers?: ConsoleAnswer['headers']): ConsoleAnswer {
  return { status, type: 'text/plain; charset=utf-8', body: `${body}\n`, ...(headers && { headers }) };
}

export function json(value: unknown, status = 200): ConsoleAnswer {
  return { status, type: 'application/json', body: `${JSON.stringify(value)}\n` };
}
