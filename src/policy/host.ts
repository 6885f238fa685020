import { Malformed } from '../malformed.ts';

const hostForm = /^(?:\[[0-9a-f:.]+\]|[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_-])?)$/;

/**
 * The labels of a host for matching: without case, without port, without the final dot of a fully qualified name.
 * An IPv6 literal is one label.
 */
export function hostLabels(host: string): readonly string[] | Malformed {
  if (host.length > 260) return new Malformed('longer than a host name can be');
  // Before the change of case, which turns some characters outside ASCII into letters of it.
  if (!/^[!-~]*$/.test(host)) return new Malformed('not a host name');
  const name = host
    .toLowerCase()
    .replace(/:\d{1,5}$/, '')
    .replace(/\.$/, '');
  if (!hostForm.test(name) || name.includes('..')) return new Malformed('not a host name');
  return name.startsWith('[') ? [name] : name.split('.');
}
