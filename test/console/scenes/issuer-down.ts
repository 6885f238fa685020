import { waitFor } from '../../support/wait.ts';
import { type IssuerName, type Stage, startStage } from '../stage.ts';
import { send, usualTraffic } from '../traffic.ts';

export interface IssuerDown extends Stage {
  readonly down: IssuerName;
  /** The first failure happened between these times, in milliseconds since the epoch. */
  readonly since: { readonly earliest: number; readonly latest: number };
}

/** Of three issuers one stops answering. */
export async function playIssuerDown(): Promise<IssuerDown> {
  const stage = await startStage();
  try {
    await send(stage, usualTraffic);
    const earliest = Date.now();
    await stage.issuers.partner.down();
    await waitFor('the failure of the issuer', 5_000, async () =>
      /"partner":\{[^}]*"failure"/.test((await stage.peerproof.page('/readyz')).body),
    );
    return { ...stage, down: 'partner', since: { earliest, latest: Date.now() } };
  } catch (error) {
    await stage.stop();
    throw error;
  }
}
