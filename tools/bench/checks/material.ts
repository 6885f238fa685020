import { createCa, type Issued } from '../../../test/support/ca.ts';
import { createSigner, encodePart, type JwtSigner } from '../../../test/support/jwt-signer.ts';

export const algorithms = ['RS256', 'ES256', 'EdDSA'] as const;
export type Algorithm = (typeof algorithms)[number];

/** How many tokens there are, each of another subject. */
export const tokenCount = 2000;
const opaqueCount = 1000;
const peerCount = 16;

export const domain = 'spiffe://cluster.local';
export const audience = 'orders';

/** A workload that sends requests. */
export interface Peer {
  readonly name: string;
  readonly certificate: Issued;
}

/** A token, and the workload that it was issued to. */
export interface Credential {
  readonly token: string;
  readonly peer: Peer;
  readonly subject: string;
}

/** Keys, certificates and tokens. They are made when they are first asked for: RSA signs slowly. */
export class Material {
  readonly peers: readonly Peer[];
  /** A workload of the same mesh that no token was issued to. */
  readonly thief: Peer;
  readonly #signers = new Map<Algorithm, JwtSigner>();
  readonly #credentials = new Map<string, readonly Credential[]>();

  private constructor(peers: readonly Peer[], thief: Peer) {
    this.peers = peers;
    this.thief = thief;
  }

  static async create(): Promise<Material> {
    const ca = await createCa();
    const peer = async (name: string): Promise<Peer> => {
      const id = `${domain}/ns/applications/sa/${name}`;
      return { name: id, certificate: await ca.svid(id, { subject: '' }) };
    };
    const peers = Array.from({ length: peerCount }, (_, index) => peer(`orders-${index}`));
    return new Material(await Promise.all(peers), await peer('thief'));
  }

  signer(algorithm: Algorithm): JwtSigner {
    const signer = this.#signers.get(algorithm) ?? createSigner(algorithm);
    this.#signers.set(algorithm, signer);
    return signer;
  }

  /** Signed tokens, of several issuers in turn. */
  tokens(algorithm: Algorithm, issuers = 1): readonly Credential[] {
    const key = `${algorithm} ${issuers}`;
    const made =
      this.#credentials.get(key) ??
      Array.from({ length: tokenCount }, (_, index) => this.token(algorithm, index, issuers));
    this.#credentials.set(key, made);
    return made;
  }

  token(algorithm: Algorithm, index: number, issuers = 1): Credential {
    const peer = this.#peerOf(index);
    const token = this.signer(algorithm).sign(claims(index, peer, issuerName(index % issuers)));
    return { token, peer, subject: subjectOf(index) };
  }

  /** Tokens that say nothing themselves. Fewer, because Peerproof keeps what issuers said of them in 20 MiB. */
  opaque(): readonly Credential[] {
    return Array.from({ length: opaqueCount }, (_, index) => ({
      token: opaqueToken(index),
      peer: this.#peerOf(index),
      subject: subjectOf(index),
    }));
  }

  /** What an introspection endpoint says of such a token; undefined for any other. */
  introspect(token: string): object | undefined {
    const index = Number(/^opaque-(\d{6})-/.exec(token)?.[1] ?? Number.NaN);
    if (!(index < opaqueCount) || token !== opaqueToken(index)) return undefined;
    return { active: true, ...claims(index, this.#peerOf(index), issuerName(0)) };
  }

  /** A token of the first workload with other claims and an old signature. */
  tampered(algorithm: Algorithm): Credential {
    const [header, , signature] = this.token(algorithm, 0).token.split('.');
    const [peer] = this.peers as [Peer];
    const forged = encodePart({ ...claims(0, peer, issuerName(0)), sub: 'admin' });
    return { token: [header, forged, signature].join('.'), peer, subject: 'admin' };
  }

  #peerOf(index: number): Peer {
    return this.peers[index % peerCount] as Peer;
  }
}

export function issuerName(index: number): string {
  return `https://login-${index}.example.com`;
}

function subjectOf(index: number): string {
  return `user-${String(index).padStart(7, '0')}`;
}

function opaqueToken(index: number): string {
  return `opaque-${String(index).padStart(6, '0')}-5d1f0a9c7be24c33a1d8e6f4902b7c15`;
}

function claims(index: number, { certificate }: Peer, iss: string): Record<string, unknown> {
  const now = Math.floor(Date.now() / 1000);
  return {
    iss,
    sub: subjectOf(index),
    aud: [audience],
    client_id: 'storefront',
    scope: 'openid orders.read orders.write',
    groups: ['sales', 'support'],
    jti: `a3f1c2d4-${String(index).padStart(8, '0')}`,
    iat: now,
    exp: now + 7200,
    cnf: { 'x5t#S256': certificate.thumbprint },
  };
}
