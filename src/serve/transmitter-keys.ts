import { type IssuerConfig, issuer as issuerSchema } from '../config/issuer-schema.ts';
import type { TransmitterConfig } from '../config/transmitter-schema.ts';
import type { Transmitter } from '../core/revocation/transmitter.ts';
import { takeFingerprint } from '../sources/fingerprint.ts';
import type { IssuerContext } from './issuer-authority.ts';
import { createKeys, type RunningKeys } from './key-source.ts';
import { issuerOf } from './running-issuers.ts';

/** A transmitter, and what keeps its keys fresh. */
export interface RunningTransmitter {
  readonly fingerprint: string;
  readonly transmitter: Transmitter;
  readonly config: TransmitterConfig;
  readonly token: string;
  readonly keys: RunningKeys;
}

/**
 * Makes a transmitter of a checked configuration. Its keys are got as those of an issuer.
 * @param iss the `iss` of each issuer of the configuration, by its name
 * @param before the same transmitter in the previous configuration; it is kept if it has not changed
 */
export function createTransmitter(
  name: string,
  config: TransmitterConfig,
  { keep, iss }: { readonly keep: number; readonly iss: ReadonlyMap<string, string> },
  context: IssuerContext,
  before?: RunningTransmitter,
): RunningTransmitter {
  const place = ['revocation', 'transmitters', name];
  const speaksFor = new Map(
    config.speaksFor.map((issuer) => [iss.get(issuer) ?? unknownIss(issuer), issuer]),
  );
  const fingerprint = JSON.stringify([takeFingerprint(config, place, context.files), keep, [...speaksFor]]);
  if (before?.fingerprint === fingerprint) return before;
  const asIssuer: IssuerConfig = {
    ...issuerSchema.parse({}),
    ...keySettings(config),
    audiences: [config.audience],
  };
  const keys = createKeys(name, asIssuer, context);
  const issuer = issuerOf(name, asIssuer, config.issuer, { keys: keys.source, authority: undefined });
  return {
    ...{ fingerprint, config, keys },
    token: context.files.get(config.tokenFile)?.trim() ?? '',
    transmitter: { name, issuer, maxAge: config.maxAge, speaksFor, keep },
  };
}

function keySettings({
  issuer,
  jwks,
  jwksUri,
  ca,
  algorithms,
  clockSkew,
  timeout,
  allowInsecureHttp,
}: TransmitterConfig) {
  return { issuer, jwks, jwksUri, ca, algorithms, clockSkew, timeout, allowInsecureHttp };
}

/** No event names it, because no `iss` begins with a line break. */
function unknownIss(issuer: string): string {
  return `\n${issuer}`;
}
