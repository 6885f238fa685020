import { type BindingName, bindingNames, proofs } from '../../src/core/binding/bind.ts';
import type { Proof } from '../../src/core/binding/proof.ts';
import { top } from './pages.ts';
import { drawProof, type Picture, type Theme, themes } from './proof-picture.ts';
import { table } from './table.ts';

/** What docs/proofs.md says of a proof, beside what the proof says of itself. */
interface ProofPage {
  /** Where it is right. */
  readonly useIt: string;
  /** What else an operator has to know. */
  readonly know: readonly string[];
  readonly picture: Picture;
}

/** A proof without its row does not compile. */
export const proofPages: Readonly<Record<BindingName, ProofPage>> = {
  certificate: {
    useIt:
      'Use it where the authorization server binds access tokens to certificates (RFC 8705), and each client keeps one certificate for as long as its tokens live.',
    know: [
      'After a rotation of its certificate, a client needs a new token. In a mesh that rotates each hour, accept `workload` as well.',
      'Replicas with certificates of their own need tokens of their own.',
      'The proxy must send the certificate or its hash. If it sends only the name of the peer, the proof never holds.',
    ],
    picture: {
      carrier: 'mTLS, the token in a header',
      inToken: 'cnf.x5t#S256: the hash of a certificate',
      shown: 'the certificate of the mTLS connection',
      thief: 'and not the private key of the certificate',
      says: 'The issuer writes the hash of the certificate of the sender into the token. The sender sends the token over mTLS. Peerproof compares the hash with the certificate of the connection. A thief has the token, and not the private key of the certificate.',
    },
  },
  workload: {
    useIt:
      'Use it in a mesh with SPIFFE IDs: for ServiceAccount tokens and JWT-SVIDs, and for access tokens of clients that are registered in `clients`. The issuer has to know nothing of certificates.',
    know: [
      'It needs `peers.trustDomains`. The proxy must present a SPIFFE ID, by certificate or by name.',
      'All replicas of a workload have one SPIFFE ID, so each of them may use the tokens of the others.',
      'If the token names an actor with a SPIFFE ID (`act.sub`), it belongs to the actor.',
    ],
    picture: {
      carrier: 'mTLS, the token in a header',
      inToken: 'subject, actor, ServiceAccount or client',
      shown: 'the SPIFFE ID in its certificate',
      thief: 'and no certificate with this SPIFFE ID',
      says: 'The token names a workload: as its subject, its actor, its ServiceAccount, or by its client. The sender sends the token over mTLS with a certificate that holds its SPIFFE ID. Peerproof compares the two. A thief has the token, and no certificate with this SPIFFE ID.',
    },
  },
  dpop: {
    useIt:
      'Use it for clients without mTLS that can keep a key: applications outside of the mesh, single-page applications and command line programs. The authorization server binds the token to the key of the client (RFC 9449).',
    know: [
      'The client sends `Authorization: DPoP` and one header `DPoP` with each request. The same token as `Bearer` is refused (`token_scheme_downgraded`).',
      'A gateway that changes the Host or ends TLS must be named in `dpop.origins`. Headers such as `x-forwarded-host` are never used.',
      'Each proof holds once. With several replicas, set `store`, or a proof can be used once at each of them.',
      'Without `dpop.nonce` a client can make proofs in advance, and a thief of these proofs can use them when their time comes.',
    ],
    picture: {
      carrier: 'DPoP token, and a signed proof',
      inToken: 'cnf.jkt: the hash of a public key',
      shown: 'a proof of this request, signed with the key',
      thief: 'and not the private key of the client',
      says: 'The issuer writes the hash of the public key of the sender into the token. With each request the sender signs a proof with the private key: it names the method, the address, the token and the time. Peerproof compares the hash with the key in the proof, and verifies the signature. A thief has the token, and not the private key of the client.',
    },
  },
  wit: {
    useIt:
      'Use it between workloads where mTLS ends on the way, such as at a load balancer, and where the identity provider issues workload identity tokens (WIT). SPIRE calls them WIT-SVIDs. The drafts still change: Peerproof speaks draft-ietf-wimse-workload-creds-02 and draft-ietf-wimse-wpt-02, and -01 if `wit.drafts` has it.',
    know: [
      'It needs `credential: wit` in the rule and `accept: wit` at the issuer. The WIT comes in the header `Workload-Identity-Token`.',
      'With wpt-02 the proof is in `Authorization: WPT`, so no access token fits beside it. With wpt-01 it is in `Workload-Proof-Token`.',
      '`aud` of the proof must be the origin in `wit.origins` and the path of the request, or a name in `wit.audiences`. A proof for a name can be used for each path.',
      'Each proof holds once. With several replicas, set `store`.',
    ],
    picture: {
      carrier: 'WIT, and a signed proof (WPT)',
      inToken: 'cnf.jwk: the public key of the workload',
      shown: 'a proof for this target, signed with the key',
      thief: 'and not the private key of the workload',
      says: 'The issuer writes the public key of the workload into the workload identity token. With each request the sender signs a proof with the private key: it names the target and the token, and expires soon. Peerproof verifies the signature with the key in the token. A thief has the token, and not the private key of the workload.',
    },
  },
  none: {
    useIt:
      'Use it only while the callers cannot prove anything, such as browsers and clients outside of the mesh that keep no key. `validate` warns about each rule that accepts it.',
    know: [
      'A token with a `cnf` is refused all the same, because its issuer has bound it to a sender.',
      'Beside other proofs it takes away what they protect: a token without a `cnf` then passes from any sender.',
    ],
    picture: {
      carrier: 'the token in a header',
      inToken: 'nothing about its sender',
      thief: 'and passes',
      says: 'The token says nothing about its sender, and the sender shows nothing. Peerproof compares nothing. A thief has the token, and passes.',
    },
  },
};

/** How a client proves itself at a token endpoint, by the name of the credential. */
export const clientPictures: Readonly<Record<'client-assertion' | 'client-certificate', Picture>> = {
  'client-assertion': {
    carrier: 'mTLS, the assertion in the form',
    inToken: 'sub: the workload, for this server alone',
    shown: 'the SPIFFE ID in its certificate',
    parts: { from: 'issuer', thing: 'assertion', known: 'in the assertion', stolen: 'the assertion' },
    thief: 'and no certificate with this SPIFFE ID',
    says: 'The issuer signs an assertion whose subject is the workload. The client sends it in the form of a token request, over mTLS. Peerproof compares the subject with the SPIFFE ID in the certificate, and looks whether the client is registered for this workload. A thief has the assertion, and no certificate with this SPIFFE ID.',
  },
  'client-certificate': {
    carrier: 'mTLS, client_id in the form',
    inToken: 'the workload of the client, in clients',
    shown: 'the SPIFFE ID in its certificate',
    parts: { from: 'mesh', thing: 'certificate', known: 'in the configuration', stolen: 'the client ID' },
    thief: 'and no certificate with this SPIFFE ID',
    says: 'The mesh signs a certificate with the SPIFFE ID of the workload. The client sends a token request without an assertion, over mTLS. Peerproof compares the SPIFFE ID in the certificate with the workloads for which the client is registered in the configuration. A thief has the client ID, and no certificate with this SPIFFE ID.',
  },
};

/** One row for each proof. */
export function proofTable(): string {
  return table(
    ['proof', 'reads', 'verifies', 'binds to', 'does not protect from'],
    bindingNames.map((name) => {
      const { reads, verifies, bindsTo, doesNotProtectFrom } = proofs[name].described;
      return [`[\`${name}\`](#${name})`, reads, verifies, bindsTo, doesNotProtectFrom];
    }),
  );
}

/** One section for each proof, with its picture. */
export function proofSections(): string {
  return bindingNames.map(sectionOf).join('\n\n');
}

/** The pictures of clients at a token endpoint. */
export function clientSections(): string {
  return Object.entries(clientPictures)
    .map(([name, picture]) => pictureOf(name, picture).join('\n'))
    .join('\n\n');
}

function pictureOf(name: string, { says }: Picture): readonly string[] {
  return [
    '<picture>',
    `  <source media="(prefers-color-scheme: dark)" srcset="${fileOf(name, 'dark')}">`,
    `  <img alt="${says}" src="${fileOf(name, 'light')}">`,
    '</picture>',
  ];
}

function sectionOf(name: BindingName): string {
  const { kinds, confirmations, needsPeer, described }: Proof = proofs[name];
  const { useIt, know, picture } = proofPages[name];
  const members = confirmations.map((member) => `\`cnf.${member}\``);
  return [
    `### ${name}`,
    '',
    ...pictureOf(name, picture),
    '',
    useIt,
    '',
    table(
      ['question', 'answer'],
      [
        ['kinds of tokens', kinds.map((kind) => `\`${kind}\``).join(', ')],
        ['tokens with a `cnf`', members.length > 0 ? `only with ${members.join(' or ')}` : 'never'],
        ['needs a peer', needsPeer ? 'yes: mTLS between the sender and the proxy' : 'no'],
        ['does not protect from', described.doesNotProtectFrom],
      ],
    ),
    '',
    ...know.map((one) => `- ${one}`),
  ].join('\n');
}

/** From the page. */
function fileOf(name: string, theme: Theme): string {
  return `assets/proof-${name}-${theme}.svg`;
}

/** The pictures, and their files. */
export function proofPictures(): readonly [URL, string][] {
  const ofProofs = bindingNames.map((name) => [name, proofPages[name].picture] as const);
  return [...ofProofs, ...Object.entries(clientPictures)].flatMap(([name, picture]) =>
    (Object.keys(themes) as Theme[]).map((theme): [URL, string] => [
      new URL(`docs/${fileOf(name, theme)}`, top),
      drawProof(name, picture, theme),
    ]),
  );
}
