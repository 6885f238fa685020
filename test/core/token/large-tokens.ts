/**
 * A process of its own, for test/core/token/heap.test.ts: verifies many tokens that are as long, and take as much memory, as the
 * limits let them. Prints what came of them.
 */
import { createSigner } from '../../support/jwt-signer.ts';
import { createTokenWorld, goodClaims } from '../../support/token-fixture.ts';

const longest = 16_384;
const signer = createSigner('ES256');
const world = await createTokenWorld([signer]);

function largest(jti: number, lists: number): string {
  const claims = goodClaims({ jti, lists: Array.from({ length: lists }, () => []), more: '' });
  const room = Math.floor((longest - signer.sign(claims).length) * 0.75) - 3;
  return signer.sign({ ...claims, more: 'm'.repeat(room) });
}

let allowed = 0;
let last = '';
for (let number = 0; number < 3_000; number++) {
  last = largest(number, 1_800);
  await world.check({ token: last });
  // An identity is kept from the second check of its token on.
  const { decision } = await world.check({ token: last });
  if (decision.effect === 'allow') allowed++;
}
const again = await world.check({ token: last });
const bomb = await world.check({ token: largest(0, 3_500) });
console.log(
  JSON.stringify({
    allowed,
    cached: again.decision.found.token?.cached ? 1 : 0,
    refused: bomb.decision.reason,
  }),
);
