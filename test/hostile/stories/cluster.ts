import { startApiServer } from '../../support/api-server.ts';
import type { Stage } from '../story.ts';

/** A cluster of its own for one story. One that hangs has to be given up before the check is. */
export async function cluster({ fixture, standIns, scene, teardown }: Stage, timeout = '20s') {
  const server = await startApiServer({ ca: fixture.ca, caller: 'the-callers-own-token' });
  teardown(() => server.stop());
  const { ca, token: tokenFile } = standIns.files;
  const token = server.issue({
    namespace: 'applications',
    name: 'shop',
    audiences: ['orders'],
    now: fixture.now,
  });
  return {
    server,
    token,
    scene: await scene({
      issuers: {
        cluster: {
          issuer: server.issuer,
          audiences: ['orders'],
          timeout,
          ca,
          kubernetes: { verify: 'tokenReview', apiServer: server.url, tokenFile },
        },
      },
      rules: [{ name: 'all', require: { binding: ['none'] } }],
    }),
  };
}
