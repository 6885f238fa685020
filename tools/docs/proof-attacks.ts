import {
  type Attack,
  type AttackedProof,
  attacks,
  type Cell,
  proofAttacks,
  type Unasked,
} from '../../test/hostile/proof-attacks.ts';
import { table } from './table.ts';

/** The table of docs/assurance.md: what becomes of each attack on each proof. */
export function proofAttackTable(): string {
  const proofs = Object.keys(proofAttacks) as AttackedProof[];
  const rows = (Object.keys(attacks) as Attack[]).map((attack) => [
    attacks[attack],
    ...proofs.map((proof) => cellText(proofAttacks[proof][attack])),
  ]);
  return table(['attack', ...proofs], rows);
}

function cellText(cell: Cell): string {
  if (typeof cell === 'string') return cell;
  const { reason, grpc, http } = cell;
  if (grpc !== undefined) return `\`${reason}\` (${places[grpc]})`;
  if (http === undefined) return `\`${reason}\``;
  return `\`${reason}\`, over HTTP ${isPlace(http) ? places[http] : `\`${http}\``}`;
}

const places: Readonly<Record<Unasked, string>> = {
  'in the handshake': 'the TLS of Envoy refuses it',
  'Envoy writes it itself': 'in the corpus alone: Envoy writes it itself',
};

function isPlace(text: string): text is Unasked {
  return Object.hasOwn(places, text);
}
