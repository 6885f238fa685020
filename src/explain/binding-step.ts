import { readConfirmation } from '../core/binding/confirmation.ts';
import { dpopForm } from '../core/binding/dpop.ts';
import { readProof } from '../core/binding/proof-jwt.ts';
import { readProofKey } from '../core/binding/proof-key.ts';
import { Denial } from '../core/denial.ts';
import { algorithmNames } from '../core/token/algorithms.ts';
import { recordOf } from '../lib/json.ts';
import type { StepView } from './step-view.ts';
import type { ToldToken } from './told.ts';

/** Both sides of each proof that the rule accepts: what the token is bound to, and who sent it. */
export function describeBinding({ told, config, rule, evidence }: StepView): readonly string[] {
  const { token, client: proven, peer, boundBy } = told;
  const lines: string[] = [];
  if (rule?.credential === 'client-certificate') {
    lines.push(`the client has to be registered for the peer, which is ${peer?.spiffeId ?? 'not known'}`);
    if (proven !== undefined) lines.push(`it is the client ${proven}`);
  } else if (rule) lines.push(`the rule accepts the proofs [${rule.binding.join(', ')}]`);
  if (token && rule?.credential === 'wit')
    lines.push(`wit: the token is bound to ${keyOf(token)}, and its proof must be signed with it`);
  else if (token?.claims) {
    const thumbprint = recordOf(token.confirmation)['x5t#S256'];
    lines.push(
      `certificate: the token is bound to ${thumbprint ?? 'none'}, and the peer has ${peer?.thumbprint ?? 'none'}`,
    );
  }
  const bound = recordOf(token?.confirmation).jkt;
  if (token?.claims && (bound !== undefined || rule?.binding.includes('dpop')))
    lines.push(
      `dpop: the token is bound to the key ${bound ?? 'none'}, and the proof has the key ${proofKeyOf(evidence) ?? 'none'}`,
    );
  if (token && rule?.credential !== 'wit') {
    lines.push(
      `workload: the token belongs to ${ownerOf(token)}, and the peer is ${peer?.spiffeId ?? 'not known'}`,
    );
    const { clientId } = token;
    if (clientId !== undefined) {
      const client = Object.hasOwn(config.clients, clientId) ? config.clients[clientId] : undefined;
      const workloads = client?.workloads.map(({ text }) => text).join(', ');
      lines.push(
        `client ${clientId} is ${client ? `registered for [${workloads}]` : 'not registered in clients'}`,
      );
    }
  }
  if (boundBy !== undefined) lines.push(`bound by ${boundBy}`);
  return lines;
}

function keyOf({ confirmation }: ToldToken): string {
  const read = readConfirmation(confirmation);
  return !(read instanceof Denial) && read?.member === 'jwk' ? `the key ${read.value}` : 'no key';
}

/** The thumbprint of the key in the DPoP proof that was sent. Nobody vouches for it. */
function proofKeyOf(evidence: StepView['evidence']): string | undefined {
  const sent = evidence?.request?.headers.dpop;
  const proof = sent === undefined ? undefined : readProof(sent, anyDpop);
  if (!proof || proof instanceof Denial) return undefined;
  const key = readProofKey(proof.jws.header.jwk, proof.alg, 'dpop');
  return key instanceof Denial ? undefined : key.thumbprint;
}

const anyDpop = { ...dpopForm, algorithms: new Set(algorithmNames) };

function ownerOf({ subject, serviceAccount, clientId, actors = [] }: ToldToken): string {
  const [actor] = actors;
  if (actor?.startsWith('spiffe://')) return `its actor ${actor}`;
  if (actor !== undefined) return `its actor ${actor}, which sends it as client ${clientId ?? actor}`;
  if (subject?.startsWith('spiffe://')) return subject;
  if (serviceAccount !== undefined) return `ServiceAccount ${serviceAccount}`;
  return clientId === undefined ? 'no workload' : `client ${clientId}`;
}
