import type { ExecutionContext } from 'ava';
import type { ConfigInput } from '../../src/config/schema.ts';
import { type CheckClient, openCheckClient } from '../support/check-client.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { type OtlpCollector, startOtlpCollector } from '../support/otlp-collector.ts';
import { type Peerproof, startPeerproof } from '../support/peerproof.ts';
import { anyBearer, goodClaims, inlineIssuer } from '../support/token-fixture.ts';

type Telemetry = NonNullable<ConfigInput['telemetry']>;

/** A Peerproof that sends to a collector. */
export interface TelemetryWorld {
  readonly collector: OtlpCollector;
  readonly peerproof: Peerproof;
  readonly client: CheckClient;
  readonly token: string;
}

const signer = createSigner('ES256');

/** A token that the rule of `configFor` accepts. */
export function goodToken(): string {
  const now = Math.floor(Date.now() / 1000);
  return signer.sign(goodClaims({ iat: now, exp: now + 300 }));
}

export function configFor(
  collector: OtlpCollector,
  telemetry: Partial<Telemetry>,
  more: Partial<ConfigInput> = {},
): ConfigInput {
  return {
    issuers: { corp: inlineIssuer([signer]) },
    rules: [{ name: 'health', match: { paths: ['/healthz'] }, public: true }, anyBearer],
    telemetry: { endpoint: collector.url, ...telemetry },
    ...more,
  };
}

/** Starts both. They end with the test. */
export async function openWorld(
  t: ExecutionContext,
  telemetry: Partial<Telemetry>,
  more: Partial<ConfigInput> = {},
): Promise<TelemetryWorld> {
  const collector = await startOtlpCollector();
  t.teardown(collector.stop);
  const peerproof = await startPeerproof(configFor(collector, telemetry, more));
  t.teardown(peerproof.drain);
  await peerproof.ready;
  const client = openCheckClient(peerproof.grpcPort);
  t.teardown(client.close);
  return { collector, peerproof, client, token: goodToken() };
}
