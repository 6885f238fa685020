import { createCa, type Issued } from '../support/ca.ts';
import { IDS, type Who } from '../support/identities.ts';
import type { Claims } from '../support/jwt-signer.ts';
import type { MeshParts } from '../support/mesh.ts';
import {
  access,
  bearer,
  DAY,
  type Makers,
  type Parties,
  SERVER,
  type Sent,
  SPIRE,
  seconds,
} from './proof-parties.ts';

/** What a client sends for each attack on a proof that needs the certificate of the sender. */

const xfccOf = (victim: Issued) =>
  ['x-forwarded-client-cert', `Hash=${victim.sha256Hex};URI=${IDS.client}`] as const;

/** A certificate of the client that was good two hours ago, or will be good in an hour. */
const dated = ({ ca }: MeshParts, hours: number) =>
  ca.svid(IDS.client, {
    notBefore: new Date(Date.now() + hours * 3_600_000),
    notAfter: new Date(Date.now() + (hours + 1) * 3_600_000),
  });

export function certificates(parties: Parties, mesh: MeshParts): Makers {
  const bound = ({ thumbprint }: Issued) => access(parties, { cnf: { 'x5t#S256': thumbprint } });
  const send = (
    who: Who | Issued | undefined,
    owner: Issued = mesh.who.client,
    more: Sent['headers'] = [],
  ) => ({
    ...(who !== undefined && { who }),
    path: '/certificate',
    headers: [bearer(bound(owner)), ...more],
  });
  const old = async (hours: number) => {
    const certificate = await dated(mesh, hours);
    return send(certificate, certificate);
  };
  return {
    right: () => send('client'),
    stolen: () => send('thief'),
    downgraded: () => send(undefined),
    expired: () => old(-2),
    early: () => old(1),
    key: () => send('rotated'),
    forged: () => send('thief', mesh.who.client, [xfccOf(mesh.who.client)]),
  };
}

export function workloads(parties: Parties, mesh: MeshParts): Makers {
  const send = (who: Who | Issued | undefined, more: Sent['headers'] = []) => ({
    ...(who !== undefined && { who }),
    path: '/workload',
    headers: [bearer(access(parties)), ...more],
  });
  return {
    right: () => send('client'),
    stolen: () => send('thief'),
    downgraded: () => send(undefined),
    expired: async () => send(await dated(mesh, -2)),
    early: async () => send(await dated(mesh, 1)),
    key: async () => send(await byAnotherAuthority()),
    forged: () => send('thief', [xfccOf(mesh.who.client)]),
    twice: async () => send(await mesh.ca.issue({ uris: [IDS.client, IDS.thief] })),
  };
}

async function byAnotherAuthority(): Promise<Issued> {
  const authority = await createCa();
  return authority.svid(IDS.client);
}

const ofForm = ['content-type', 'application/x-www-form-urlencoded'] as const;
const formOf = (parts: Readonly<Record<string, string>>) =>
  new URLSearchParams({ grant_type: 'client_credentials', client_id: 'shop', ...parts }).toString();

export function assertions(parties: Parties, path: string, type: string): Makers {
  const { spire, stranger } = parties;
  let number = 0;
  const svid = (more: Claims = {}, by = spire) =>
    by.sign({
      ...{ iss: SPIRE, sub: IDS.client, aud: SERVER, jti: `${type} ${++number}`, exp: seconds() + 60 },
      ...more,
    });
  const send = (client_assertion: string, who: Who = 'client', behind = '') => ({
    ...{ who, path, method: 'POST', headers: [ofForm] },
    body: `${formOf({
      client_assertion,
      client_assertion_type: `urn:ietf:params:oauth:client-assertion-type:${type}`,
    })}${behind}`,
  });
  return {
    right: () => send(svid()),
    stolen: () => send(svid(), 'thief'),
    downgraded: () => ({ ...send(svid()), body: formOf({}) }),
    host: () => send(svid({ aud: 'https://other.example.com' })),
    expired: () => send(svid({ exp: seconds() - 60 })),
    early: () => send(svid({ nbf: seconds() + DAY, exp: seconds() + DAY + 60 })),
    key: () => send(svid({}, stranger)),
    forged: () => send(access(parties, { aud: SERVER })),
    twice: () => send(svid(), 'client', `&client_assertion=${svid()}`),
  };
}

export function clientCertificates(mesh: MeshParts): Makers {
  const send = (who: Who | Issued | undefined, more: Sent['headers'] = [], behind = '') => ({
    ...(who !== undefined && { who }),
    ...{ path: '/mtls', method: 'POST', headers: [ofForm, ...more], body: `${formOf({})}${behind}` },
  });
  return {
    right: () => send('client'),
    stolen: () => send('thief'),
    downgraded: () => send(undefined),
    expired: async () => send(await dated(mesh, -2)),
    early: async () => send(await dated(mesh, 1)),
    key: async () => send(await byAnotherAuthority()),
    forged: () => send('thief', [xfccOf(mesh.who.client)]),
    twice: () => send('client', [], '&client_id=other'),
  };
}
