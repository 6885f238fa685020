import type { AttackedProof } from '../hostile/proof-attacks.ts';
import type { DpopClient } from '../support/dpop-client.ts';
import { IDS } from '../support/identities.ts';
import type { Claims, JwtSigner } from '../support/jwt-signer.ts';
import type { MeshParts } from '../support/mesh.ts';
import { goodClaims } from '../support/token-fixture.ts';
import { digestOf, signWit, signWpt, witClaims } from '../support/wit-fixture.ts';
import { assertions, certificates, clientCertificates, workloads } from './peer-requests.ts';
import { access, bearer, DAY, type Makers, type Parties, type Sent, seconds } from './proof-parties.ts';

/** What a client sends for each attack on each proof: see `../hostile/proof-attacks.ts`. */

export function proofRequests(parties: Parties, mesh: MeshParts): Readonly<Record<AttackedProof, Makers>> {
  return {
    certificate: certificates(parties, mesh),
    workload: workloads(parties, mesh),
    'jwt-bearer': assertions(parties, '/token', 'jwt-bearer'),
    'jwt-spiffe': assertions(parties, '/spiffe-token', 'jwt-spiffe'),
    'client-certificate': clientCertificates(mesh),
    dpop: dpopProofs(parties),
    wit: workloadProofs(parties),
    'wit beside a token': proofsBeside(parties),
  };
}

function dpopProofs(parties: Parties): Makers {
  const { dpop, dpopThief } = parties;
  const token = () => access(parties, { cnf: { jkt: dpop.thumbprint } });
  const url = 'https://app.test/dpop';
  type Parts = Partial<Parameters<DpopClient['proof']>[0]>;
  const send = (parts: Parts = {}, by = dpop, more: Partial<Sent> = {}): Sent => {
    const one = token();
    const proof = by.proof({ token: one, url, ...parts, claims: { iat: seconds(), ...parts.claims } });
    return {
      path: '/dpop',
      headers: [
        ['authorization', `DPoP ${one}`],
        ['dpop', proof],
      ],
      ...more,
    };
  };
  return {
    right: () => send(),
    stolen: () => send({}, dpopThief),
    downgraded: () => ({ path: '/dpop', headers: [bearer(token())] }),
    method: () => send({}, dpop, { method: 'DELETE' }),
    path: () => send({}, dpop, { path: '/dpop/other' }),
    host: () => send({ url: 'https://other.test/dpop' }),
    expired: () => send({ claims: { iat: seconds() - DAY } }),
    early: () => send({ claims: { iat: seconds() + DAY } }),
    key: () => send({ signer: dpopThief.signer }),
    forged: () => {
      const one = token();
      return {
        path: '/dpop',
        headers: [
          ['authorization', `DPoP ${one}`],
          ['dpop', one],
        ],
      };
    },
    twice: () => {
      const { path, headers } = send();
      return { path, headers: [...headers, ...headers.slice(1)] };
    },
  };
}

interface WitParts {
  readonly claims?: Claims;
  /** Whose WIT it is, and who signs the proof. */
  readonly wit?: string;
  readonly by?: JwtSigner;
}

function workloadProofs(parties: Parties): Makers {
  const { wits, holder, thief } = parties;
  const witOf = (owner = holder, sub: string = IDS.client) =>
    signWit(wits, witClaims(owner, { sub }, Date.now()));
  const send = ({ claims = {}, wit = witOf(), by = holder }: WitParts = {}, sent = wit): Sent => {
    const proof = signWpt(by, wit, { aud: 'https://app.test/wit', ...claims }, {}, Date.now());
    return {
      path: '/wit',
      headers: [
        ['workload-identity-token', sent],
        ['authorization', `WPT ${proof}`],
      ],
    };
  };
  const only = (headers: Sent['headers']): Sent => ({ path: '/wit', headers });
  return {
    right: () => send(),
    stolen: () => send({}, witOf(thief, IDS.thief)),
    downgraded: () => only(send().headers.slice(0, 1)),
    path: () => ({ ...send(), path: '/wit/other' }),
    host: () => send({ claims: { aud: 'https://other.test/wit' } }),
    expired: () => send({ claims: { exp: seconds() - 60 } }),
    early: () => send({ claims: { iat: seconds() + DAY } }),
    key: () => send({ by: thief }),
    forged: () => {
      const wit = witOf();
      return only([
        ['workload-identity-token', wit],
        ['authorization', `WPT ${wit}`],
      ]);
    },
    twice: () => {
      const { headers } = send();
      return only([...headers, ...headers.slice(1)]);
    },
  };
}

/** As draft-ietf-wimse-wpt-01 sends a proof. */
function proofsBeside(parties: Parties): Makers {
  const { wits, corp, holder, thief } = parties;
  const witOf = (owner = holder, sub: string = IDS.client) =>
    signWit(wits, witClaims(owner, { sub }, Date.now()));
  const send = ({ claims = {}, wit = witOf(), by = holder }: WitParts = {}): Sent => {
    const token = access(parties);
    const named = { aud: 'https://app.test/beside', ath: digestOf(token), ...claims };
    const proof = signWpt(by, wit, named, {}, Date.now());
    return {
      path: '/beside',
      headers: [bearer(token), ['workload-identity-token', wit], ['workload-proof-token', proof]],
    };
  };
  return {
    right: () => send(),
    stolen: () => send({ wit: witOf(thief, IDS.thief), by: thief }),
    downgraded: () => ({ path: '/beside', headers: send().headers.slice(0, 2) }),
    path: () => ({ ...send(), path: '/beside/other' }),
    host: () => send({ claims: { aud: 'https://other.test/beside' } }),
    expired: () => send({ claims: { exp: seconds() - 60 } }),
    early: () => send({ claims: { iat: seconds() + DAY } }),
    key: () => send({ by: thief }),
    forged: () => send({ wit: corp.sign(goodClaims({ exp: seconds() + 300, sub: IDS.client })) }),
    twice: () => {
      const { path, headers } = send();
      return { path, headers: [...headers, ...headers.slice(2)] };
    },
  };
}
