import { type JsonObject, listOf, recordOf } from '../lib/json.ts';
import { isLoopback } from '../lib/loopback.ts';
import { didYouMean } from '../lib/nearest.ts';
import { wrongScheme } from '../sources/https-only.ts';
import type { Warn } from './weakness.ts';

interface Tell {
  readonly say: (path: readonly PropertyKey[], message: string) => void;
  /** Names a file that must be read. */
  readonly want: (path: readonly PropertyKey[], file: unknown) => void;
  readonly warn: Warn;
}

/** Checks the settings of revocations against each other. The document may have any shape. */
export function crossCheckRevocation(root: JsonObject, { say, want, warn }: Tell): void {
  if (root.revocation === undefined) {
    if (recordOf(root.listen).events !== undefined)
      say(['listen', 'events'], 'needs revocation.transmitters: nobody else is answered there');
    return;
  }
  const { file, onOutage, transmitters, tls } = recordOf(root.revocation);
  const { events } = recordOf(root.listen);
  want(['revocation', 'file'], file);
  if (file === undefined && recordOf(root.store).redis === undefined)
    say(
      ['revocation'],
      'has no place for revocations: set store.redis, or for one replica revocation.file, such as file: revocations.jsonl',
    );
  if (onOutage === 'useKnown')
    warn(
      'insecure-setting',
      ['revocation', 'onOutage'],
      'during an outage, tokens that were revoked since are accepted',
    );
  for (const key of ['certFile', 'keyFile', 'clientCaFile'])
    want(['revocation', 'tls', key], recordOf(tls)[key]);
  if (tls !== undefined && events === undefined)
    say(['revocation', 'tls'], 'needs listen.events: without it no port is open');
  if (typeof events === 'string' && tls === undefined && !isLoopback(events.replace(/:\d+$/, '')))
    warn(
      'insecure-setting',
      ['listen', 'events'],
      'without revocation.tls, everyone on the network can read the tokens of transmitters, and revoke in their name',
    );
  const senders = Object.values(recordOf(transmitters)).map(recordOf);
  if (events !== undefined && senders.every(({ poll }) => poll !== undefined))
    say(
      ['listen', 'events'],
      'needs a transmitter that pushes: add one without poll to revocation.transmitters, or remove the port',
    );
  const issuers = Object.keys(recordOf(root.issuers));
  const seen = new Map<unknown, string>();
  for (const [name, value] of Object.entries(recordOf(transmitters)))
    checkTransmitter(recordOf(value), ['revocation', 'transmitters', name], name);

  function checkTransmitter(one: JsonObject, path: readonly string[], name: string): void {
    const { jwks, jwksUri, ca, tokenFile, issuer, allowInsecureHttp, poll } = one;
    for (const [key, named] of Object.entries({ jwks, ca, tokenFile })) want([...path, key], named);
    if (jwks !== undefined && jwksUri !== undefined)
      say([...path, 'jwksUri'], 'cannot be combined with jwks: keep one of them');
    const urls = { jwksUri, ...(jwks === undefined && jwksUri === undefined && { issuer }), poll };
    for (const [key, url] of Object.entries(urls)) {
      const wrong = wrongScheme(url, allowInsecureHttp);
      if (wrong) say([...path, key], wrong);
    }
    if (allowInsecureHttp === true)
      warn('insecure-setting', [...path, 'allowInsecureHttp'], 'its keys are fetched over plain http');
    const other = seen.get(issuer);
    if (other !== undefined)
      say([...path, 'issuer'], `is also the issuer of ${other}: each must be configured once`);
    else if (issuer !== undefined) seen.set(issuer, name);
    if (poll === undefined && events === undefined)
      say(path, 'sends nothing: set listen.events, to which it pushes, or its poll');
    for (const [at, named] of listOf(one.speaksFor).entries())
      if (typeof named === 'string' && !issuers.includes(named))
        say(
          [...path, 'speaksFor', at],
          `is not a configured issuer: ${JSON.stringify(named)}${didYouMean(named, issuers)}`,
        );
  }
}
