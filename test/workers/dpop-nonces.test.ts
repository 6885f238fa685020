import test from 'ava';
import { openCheckClient } from '../support/check-client.ts';
import { headersOf } from '../support/check-wire.ts';
import { createDpopClient } from '../support/dpop-client.ts';
import { createSigner } from '../support/jwt-signer.ts';
import { startPeerproofProcess } from '../support/peerproof-process.ts';
import { goodClaims, inlineIssuer } from '../support/token-fixture.ts';
import { waitFor } from '../support/wait.ts';

const signer = createSigner('ES256');
const seconds = Math.floor(Date.now() / 1000);

test('workers – each accepts the nonces of the others, also without a key file (RFC 9449 §8)', async (t) => {
  const service = await startPeerproofProcess(
    {
      issuers: { corp: inlineIssuer([signer]) },
      dpop: { nonce: {} },
      drain: { delay: '0ms', timeout: '5s' },
      rules: [{ name: 'keyed', require: { binding: ['dpop'] } }],
    },
    ['--workers', '2'],
  );
  t.teardown(() => service.stop());
  const ready = async () => JSON.parse((await service.page('/readyz')).body).workers?.serving === 2;
  await waitFor('both', 20_000, ready);
  const client = await createDpopClient('ES256', seconds);
  const token = signer.sign(
    goodClaims({ cnf: { jkt: client.thumbprint }, iat: seconds, exp: seconds + 300 }),
  );
  const url = 'https://orders.example.com/';
  /** Over a connection of its own, which any of the workers takes. */
  const check = async (nonce?: string) => {
    const connection = openCheckClient(service.grpcPort);
    const dpop = client.proof({ token, url, claims: { nonce } });
    const headers = { authorization: `DPoP ${token}`, dpop };
    const { status, deniedResponse } = await connection.check({
      attributes: {
        request: { http: { method: 'GET', host: 'orders.example.com', path: '/', headers } },
      },
    });
    connection.close();
    return { reason: status.message, nonce: headersOf(deniedResponse?.headers)['dpop-nonce'] };
  };
  const answers = await Promise.all(Array.from({ length: 12 }, () => check()));
  t.deepEqual([...new Set(answers.map(({ reason }) => reason))], ['proof_nonce_missing']);
  t.is(new Set(answers.map(({ nonce }) => nonce)).size, 1);
  const again = await Promise.all(answers.map(({ nonce }) => check(nonce)));
  t.deepEqual([...new Set(again.map(({ reason }) => reason))], ['allowed']);
});
