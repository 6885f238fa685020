import type { ReasonName } from '../../src/core/reasons.ts';

/**
 * Each attack on each proof: the reason of the denial, and a case of the corpus with it. `test/envoy/proofs.test.ts` sends
 * them through the real Envoy, and `docs/assurance.md` shows them.
 */

export const attacks = {
  right: 'right sender',
  stolen: 'stolen by another',
  again: 'replayed at the same replica',
  elsewhere: 'replayed at another replica',
  downgraded: 'sent without the proof',
  method: 'wrong method',
  path: 'wrong path',
  host: 'wrong host',
  expired: 'expired',
  early: 'of the future',
  key: 'wrong key',
  forged: 'forged carrier',
  twice: 'twice',
} as const;
export type Attack = keyof typeof attacks;

/** Envoy ends the handshake, or nothing can make it send this. */
export type Unasked = 'in the handshake' | 'Envoy writes it itself';

export interface Refused {
  readonly reason: ReasonName;
  /** The title of a case or a story of the corpus. */
  readonly title: string;
  /** What becomes of it at the real Envoy, where that is not the same. Over HTTP it sends the hash of a certificate alone. */
  readonly grpc?: Unasked;
  readonly http?: Unasked | ReasonName;
}

/** A text says why there is no such attack. */
export type Cell = Refused | string;

type Row = Readonly<Record<Attack, Cell>>;

const refused = (reason: ReasonName, title: string, more: Partial<Refused> = {}): Refused => ({
  reason,
  title,
  ...more,
});
const passes = (title: string) => refused('allowed', title);
const replays = (title: string) => ({
  again: refused('proof_replayed', title),
  elsewhere: refused('proof_replayed', title),
});

const tls = {
  again: 'TLS proves the key anew',
  elsewhere: 'TLS proves the key anew',
  method: 'it names no request',
  path: 'it names no request',
  host: 'it names no request',
} as const;
const handshake: Partial<Refused> = { http: 'in the handshake' };
const assertion = { method: 'it names a server', path: 'it names a server' } as const;

const binding = '10 wrong hash: the right one';
const mismatch = 'binding_certificate_mismatch';
const otherWorkload = 'binding_workload_mismatch';
const expired = refused('peer_certificate_expired', '8 expired, not yet valid: an hour ago', handshake);
const early = refused(
  'peer_certificate_not_yet_valid',
  '8 expired, not yet valid: from the next hour',
  handshake,
);
const unknownAuthority: Partial<Refused> = { grpc: 'in the handshake', http: 'in the handshake' };
const jwtBearer = '19 assertions of another client or workload';
const jwtSpiffe = '19 jwt-spiffe assertions';
const certificate = '19 a certificate in the place of an assertion';
const svid = '6 JWT-SVID';
const wit = '23 a WIT of somebody else';
const beside = '23 an access token that the workload does not own';

/** Proofs, and ways to send them. */
export const proofAttacks = {
  certificate: {
    ...tls,
    right: passes(`${binding} passes`),
    stolen: refused(mismatch, `${binding}, stolen by the till`),
    downgraded: refused(
      'binding_peer_missing',
      '10 without a certificate → deny: where the certificate must prove it',
    ),
    expired,
    early,
    key: refused(mismatch, '10 old certificate after rotation: where the certificate must prove it'),
    forged: refused(
      mismatch,
      '8 XFCC sent by the client: with a token that is bound to the certificate of the victim',
    ),
    twice: refused('peer_certificate_malformed', '8 several certificates: the victim first', {
      grpc: 'Envoy writes it itself',
      http: 'Envoy writes it itself',
    }),
  },
  workload: {
    ...tls,
    right: passes(`${svid}: its own workload passes`),
    stolen: refused(otherWorkload, `${svid}: stolen by another workload`),
    downgraded: refused('binding_peer_missing', `${svid}: sent by nobody`),
    expired,
    early,
    key: refused(
      'peer_chain_untrusted',
      '8 signed by an unknown authority: where the trust domain has a bundle',
      unknownAuthority,
    ),
    forged: refused(otherWorkload, '8 XFCC sent by the client: with a token of the workload of the victim'),
    twice: refused('peer_certificate_unsuitable', '9 two URI SANs: twoIds', {
      http: 'peer_forwarded_ambiguous',
    }),
  },
  'jwt-bearer': {
    ...assertion,
    right: passes(`${jwtBearer}: a JWT-SVID of its own`),
    stolen: refused(otherWorkload, `${jwtBearer}: stolen by the till`),
    ...replays('24 assertions of an issuer that promises a new jti for each: the same JWT-SVID again'),
    downgraded: refused('assertion_missing', '19 forms that servers read differently: no assertion'),
    host: refused('token_audience_mismatch', `${jwtBearer}: for another audience`),
    expired: refused('token_expired', `${jwtBearer}: that is over`),
    early: refused('token_not_yet_valid', `${jwtBearer}: of tomorrow`),
    key: refused('token_signature_invalid', `${jwtBearer}: that another issuer signed`),
    forged: refused('token_type_not_allowed', `${jwtBearer}: that is an access token`),
    twice: refused('assertion_ambiguous', '19 two assertions: the same twice'),
  },
  'jwt-spiffe': {
    ...assertion,
    right: passes(`${jwtSpiffe}: its own, without client_id`),
    stolen: refused(otherWorkload, `${jwtSpiffe}: stolen by the till`),
    ...replays(
      '24 assertions of an issuer that promises a new jti for each: the same jwt-spiffe assertion again',
    ),
    downgraded: refused('assertion_missing', `${jwtSpiffe}: that is missing`),
    host: refused('token_audience_mismatch', `${jwtSpiffe}: for another audience`),
    expired: refused('token_expired', `${jwtSpiffe}: that is over`),
    early: refused('token_not_yet_valid', `${jwtSpiffe}: of tomorrow`),
    key: refused('token_signature_invalid', `${jwtSpiffe}: that another key signed`),
    forged: refused('token_type_not_allowed', `${jwtSpiffe}: that is an access token`),
    twice: refused('assertion_ambiguous', `${jwtSpiffe}: and another one`),
  },
  'client-certificate': {
    ...tls,
    right: passes(`${certificate}: of the shop`),
    stolen: refused('client_not_registered', `${certificate}: of the till, in the name of the shop`),
    downgraded: refused('peer_missing', `${certificate}: that nobody has`),
    expired: refused('peer_certificate_expired', `${certificate}: that is over`, handshake),
    early: refused('peer_certificate_not_yet_valid', `${certificate}: of the next hour`, handshake),
    key: refused('peer_chain_untrusted', `${certificate}: that another authority signed`, unknownAuthority),
    forged: refused('client_not_registered', `${certificate}: of the till, with XFCC that names the shop`),
    twice: refused('assertion_ambiguous', `${certificate}: with client_id=till`),
  },
  dpop: {
    right: passes('22 right sender: a proof of its key'),
    stolen: refused('proof_key_mismatch', '22 stolen by another key: the proof of the thief'),
    ...replays('22 used twice: the same request again'),
    downgraded: refused('token_scheme_downgraded', '22 downgraded: as Bearer'),
    method: refused('proof_method_mismatch', '22 another request: the proof of a GET for a DELETE'),
    path: refused('proof_target_mismatch', '22 another request: path'),
    host: refused('proof_target_mismatch', '22 another request: host'),
    expired: refused('proof_expired', '22 old and of the future: of 1970'),
    early: refused('proof_not_yet_valid', '22 old and of the future: a second more'),
    key: refused(
      'proof_signature_invalid',
      '22 stolen by another key: the key of the client, signed by the thief',
    ),
    forged: refused('proof_malformed', '22 forged carrier: the access token itself'),
    twice: refused('proof_ambiguous', '22 twice, huge or deep: the same one twice'),
  },
  wit: {
    right: passes(`${wit}: the right sender passes`),
    stolen: refused('proof_token_mismatch', `${wit}: its proof with the WIT of the thief`),
    ...replays(`${wit}: replayed with its WIT`),
    downgraded: refused('proof_missing', `${wit}: without a proof`),
    method: 'it names no method',
    path: refused('proof_target_mismatch', '23 a proof for another target: another path'),
    host: refused('proof_target_mismatch', '23 a proof for another target: another service'),
    expired: refused('proof_expired', '23 a proof of another time: expired'),
    early: refused('proof_not_yet_valid', '23 a proof of another time: made tomorrow'),
    key: refused('proof_signature_invalid', `${wit}: with the proof of the thief`),
    forged: refused('proof_malformed', '23 a proof that is another JWT: the WIT itself'),
    twice: refused('proof_ambiguous', '23 sent in another way: two proofs'),
  },
  'wit beside a token': {
    right: passes(`${beside}: its own passes`),
    stolen: refused(otherWorkload, `${beside}: stolen, with the WIT of the thief`),
    ...replays('23 a proof for an access token: replayed with both tokens'),
    downgraded: refused('proof_missing', '23 a proof for an access token: that is missing'),
    method: 'it names no method',
    path: refused('proof_target_mismatch', '23 a proof for an access token: for another path'),
    host: refused('proof_target_mismatch', '23 a proof for an access token: for another service'),
    expired: refused('proof_expired', '23 a proof for an access token: expired'),
    early: refused('proof_not_yet_valid', '23 a proof for an access token: of tomorrow'),
    key: refused('proof_signature_invalid', `${beside}: stolen with its WIT`),
    forged: refused('token_type_not_allowed', `${beside}: with an access token as WIT`),
    twice: refused('proof_ambiguous', '23 a proof for an access token: twice'),
  },
} as const satisfies Readonly<Record<string, Row>>;
export type AttackedProof = keyof typeof proofAttacks;

/** Each cell that can exist. */
export function attacked(): readonly (Refused & {
  readonly proof: AttackedProof;
  readonly attack: Attack;
})[] {
  return (Object.keys(proofAttacks) as AttackedProof[]).flatMap((proof) =>
    (Object.keys(attacks) as Attack[]).flatMap((attack) => {
      const cell: Cell = proofAttacks[proof][attack];
      return typeof cell === 'string' ? [] : [{ ...cell, proof, attack }];
    }),
  );
}
