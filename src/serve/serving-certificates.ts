import { X509Certificate } from 'node:crypto';
import type { LoadedConfig } from '../config/load.ts';
import type { ServingCertificate } from '../operate/trust-metrics.ts';

const doors = ['grpc', 'http'] as const;

/**
 * When the certificates that our ports present are valid: of a chain, the leaf. A door without TLS has none.
 * Does **not** check them: the configuration was refused if they could not be read.
 */
export function servingCertificates({ config, files }: Pick<LoadedConfig, 'config' | 'files'>) {
  return doors.flatMap((door): ServingCertificate[] => {
    const { tls } = config[door];
    if (!tls) return [];
    const { validFromDate, validToDate } = new X509Certificate(files.get(tls.certFile) ?? '');
    return [{ door, notBefore: validFromDate.getTime(), notAfter: validToDate.getTime() }];
  });
}
