import { X509Certificate } from 'node:crypto';
import { resolve } from 'node:path';
import { createSecureContext } from 'node:tls';
import type { Logger } from 'pino';
import type { ServerTls } from '../http2/server-tls.ts';
import { Malformed } from '../lib/malformed.ts';
import { WatchedFile } from '../sources/watched-file.ts';
import type { InjectConfig } from './schema.ts';

export interface CertificateOptions {
  readonly settings: NonNullable<InjectConfig['grpc']['tls']>;
  /** The folder where relative paths start. */
  readonly directory: string;
  /** The contents that the port was opened with. */
  readonly first: ServerTls;
  /** Presents others to new connections. */
  readonly replace: (tls: ServerTls) => void;
  readonly clock: () => number;
  readonly log: Logger;
}

/** Reads its files until `stop`. */
export interface FollowedCertificate {
  start(): void;
  stop(): void;
}

const maxBytes = 1_048_576;
/** Milliseconds that the files must stay as they are. Each is looked at once a second, not all at one time. */
const settled = 1_500;

/**
 * Follows the files of the certificate of the gRPC port. While they are unreadable, or do not belong together,
 * the previous contents stay in use, and the log says so once.
 */
export function followCertificate(options: CertificateOptions): FollowedCertificate {
  const { settings, directory, first, replace, clock, log } = options;
  const say = (failure: string) =>
    log.warn(
      { event: 'certificate_refused', failure },
      'the certificate cannot be used: the previous one stays',
    );
  const watch = (file: string, text: string) =>
    new WatchedFile<string>({
      ...{ path: resolve(directory, file), maxBytes, clock, text, onLook: compare },
      parse: (content) => (content.trim() === '' ? new Malformed('is empty') : content),
      report: (failure) => failure !== undefined && say(`${file} ${failure}`),
    });
  const cert = watch(settings.certFile, first.cert);
  const key = watch(settings.keyFile, first.key);
  const { clientCaFile } = settings;
  const clientCa = clientCaFile === undefined ? undefined : watch(clientCaFile, first.clientCa ?? '');
  const files = clientCa ? [cert, key, clientCa] : [cert, key];
  // The contents that were used or refused last, and those of the last look.
  let judged = textOf(first);
  let seen = judged;
  let seenAt = 0;

  return {
    start() {
      for (const file of files) void file.start();
    },
    stop() {
      for (const file of files) file.stop();
    },
  };

  function compare(): void {
    const next = { cert: cert.value ?? '', key: key.value ?? '', clientCa: clientCa?.value };
    const text = textOf(next);
    if (text !== seen) seenAt = clock();
    seen = text;
    if (text === judged) return;
    // The absolute value: a clock that was put back must not delay the certificate.
    if (Math.abs(clock() - seenAt) < settled) return;
    judged = text;
    if (fit(next)) {
      replace(next);
      log.info({ event: 'certificate_loaded' }, 'the certificate was replaced');
    } else say('certFile and keyFile must belong together, and clientCaFile must hold a certificate');
  }
}

function textOf({ cert, key, clientCa }: ServerTls): string {
  return JSON.stringify([cert, key, clientCa]);
}

function fit({ cert, key, clientCa }: ServerTls): boolean {
  try {
    createSecureContext({ cert, key });
    return clientCa === undefined || new X509Certificate(clientCa).raw.length > 0;
  } catch {
    return false;
  }
}
