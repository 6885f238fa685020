/** The order of the group of P-256 (SEC 2 §2.4.2). */
const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** The same ES256 proof with the other valid signature, which anybody can compute: `n - s` in the place of `s`. */
export function otherSignature(proof: string): string {
  const [head, body, signature = ''] = proof.split('.');
  const bytes = Buffer.from(signature, 'base64url');
  const s = BigInt(`0x${bytes.subarray(32).toString('hex')}`);
  bytes.write((order - s).toString(16).padStart(64, '0'), 32, 'hex');
  return `${head}.${body}.${bytes.toString('base64url')}`;
}
