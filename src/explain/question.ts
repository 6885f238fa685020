import { readFileSync } from 'node:fs';
import type { Evidence } from '../core/evidence.ts';
import { evidenceOf } from '../grpc/check-request.ts';
import { Malformed } from '../lib/malformed.ts';
import { readCheckRequest } from './check-request-json.ts';
import { readCurl } from './curl.ts';
import { evidenceOfSent, type SentRequest } from './sent-request.ts';

/** The options that describe a request. */
export interface RequestOptions {
  readonly method?: string | undefined;
  readonly host?: string | undefined;
  readonly path?: string | undefined;
  readonly header?: readonly string[] | undefined;
  readonly token?: string | undefined;
  readonly cert?: string | undefined;
  readonly xfcc?: string | undefined;
  readonly destination?: string | undefined;
  readonly port?: string | undefined;
  readonly context?: readonly string[] | undefined;
  readonly check?: string | undefined;
  readonly curl?: string | undefined;
}

/**
 * The request that the options describe: a recorded check, a `curl` command line, or its parts. What the
 * proxy adds (`--xfcc`, `--cert`, `--destination`, `--port`, `--context`) can be given beside `--curl` too.
 * @returns Malformed with the option that is wrong
 * @throws if a file cannot be read
 */
export function evidenceOfOptions(options: RequestOptions): Evidence | Malformed {
  const { check, curl } = options;
  if (check !== undefined) {
    const request = readCheckRequest(readFileSync(check, 'utf8'));
    return request instanceof Malformed ? new Malformed(`--check: ${request.why}`) : evidenceOf(request);
  }
  const base = curl === undefined ? {} : readCurl(curl, (path) => readFileSync(path, 'utf8'));
  if (base instanceof Malformed) return new Malformed(`--curl: ${base.why}`);
  const added = readParts(options);
  if (added instanceof Malformed) return added;
  const { host = '', path = '/', method = 'GET', headers = [], ...rest } = { ...base, ...added.given };
  if (host === '') return new Malformed('--host is missing');
  const evidence = evidenceOfSent({ method, host, path, ...rest, headers: [...headers, ...added.headers] });
  return evidence instanceof Malformed ? new Malformed(`--cert: ${evidence.why}`) : evidence;
}

function readParts(options: RequestOptions) {
  const { method, host, path, token, cert, xfcc, destination, port } = options;
  const headers: (readonly [string, string])[] = [];
  for (const line of options.header ?? []) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(0, colon)).trim();
    if (!/^[^\s]+$/.test(name))
      return new Malformed("--header must be 'NAME: VALUE', such as 'x-tenant: acme'");
    headers.push([name, line.slice(colon + 1).trim()]);
  }
  if (token !== undefined) headers.push(['authorization', `Bearer ${textOrFile(token).trim()}`]);
  const context: Record<string, string> = Object.create(null);
  for (const pair of options.context ?? []) {
    const at = pair.indexOf('=');
    if (at < 1) return new Malformed('--context must be NAME=VALUE, such as policy=orders');
    context[pair.slice(0, at)] = pair.slice(at + 1);
  }
  if (port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) <= 65_535))
    return new Malformed('--port must be a number from 0 to 65535');
  const given: Partial<SentRequest> = {
    ...(method !== undefined && { method }),
    ...(host !== undefined && { host }),
    ...(path !== undefined && { path }),
    ...(cert !== undefined && { certificate: textOrFile(cert) }),
    ...(xfcc !== undefined && { xfcc: textOrFile(xfcc) }),
    ...(destination !== undefined && { destination }),
    ...(port !== undefined && { port: Number(port) }),
    context,
  };
  return { given, headers };
}

/** `@FILE` is the content of a file, any other text is itself. */
function textOrFile(value: string): string {
  return value.startsWith('@') ? readFileSync(value.slice(1), 'utf8') : value;
}
