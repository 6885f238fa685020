import type { Config } from '../config/schema.ts';
import {
  longestValue,
  type Revocation,
  type RevocationKind,
  type RevocationName,
} from '../core/revocation/revocation.ts';
import { formatTime } from '../lib/time.ts';
import { parseSince } from '../log-view/since.ts';
import { Misuse } from './misuse.ts';

/** One row for each kind that an option names. `all`: also tokens that are issued later. */
const kinds = {
  jti: { kind: 'jti', from: 'all' },
  subject: { kind: 'subject', from: 'now' },
  client: { kind: 'client', from: 'now' },
  session: { kind: 'session', from: 'all' },
  'spiffe-id': { kind: 'spiffeId', from: 'now' },
} as const satisfies Record<string, { readonly kind: RevocationKind; readonly from: 'now' | 'all' }>;

export type RevokeOptions = Readonly<Partial<Record<keyof typeof kinds, string[]>>> & {
  readonly issuer?: string | undefined;
  readonly 'issued-before'?: string | undefined;
  readonly for?: string | undefined;
  readonly reason?: string | undefined;
};

/** Characters of a reason. */
const longestReason = 200;

/**
 * The revocations that the options name.
 * @throws Misuse if they name none, or contradict the configuration
 */
export function revocationsOf(
  options: RevokeOptions,
  { issuers, revocation }: Config,
  now: number,
): readonly Revocation[] {
  const { issuer, reason, 'issued-before': before } = options;
  if (issuer !== undefined && !Object.hasOwn(issuers, issuer))
    throw new Misuse(
      `--issuer must be the name of an issuer of the configuration: ${Object.keys(issuers).join(', ') || 'it has none'}`,
    );
  if (reason !== undefined && (reason.length > longestReason || reason === ''))
    throw new Misuse(`--reason must have 1 to ${longestReason} characters`);
  const keep = revocation?.keep ?? 0;
  const life = options.for === undefined ? keep : lifeOf(options.for);
  if (life > keep)
    throw new Misuse(`--for must be at most revocation.keep, which is ${keep / 60_000} minutes`);
  const common = {
    issuer,
    until: now + life,
    by: reason === undefined ? 'peerproof revoke' : `peerproof revoke: ${reason}`,
  };
  const named = Object.entries(kinds).flatMap(([option, { kind, from }]) =>
    (options[option as keyof typeof kinds] ?? []).map((value): Revocation => {
      if (value === '' || value.length > longestValue)
        throw new Misuse(`--${option} must have 1 to ${longestValue} characters`);
      return { ...common, kind, value, issuedBefore: timeOf(before ?? from, now) };
    }),
  );
  if (named.length > 0) return named;
  if (issuer === undefined || before === undefined)
    throw new Misuse(
      `name what is revoked: ${Object.keys(kinds)
        .map((option) => `--${option}`)
        .join(', ')}, or --issuer with --issued-before for all its tokens`,
    );
  const issuedBefore = timeOf(before, now);
  if (issuedBefore === undefined)
    throw new Misuse('--issued-before all would refuse an issuer for good: remove it from the configuration');
  return [{ ...common, kind: 'all', value: '', issuedBefore }];
}

/** What a revocation says, for a person. */
export function sentenceOfRevocation(revocation: Revocation): string {
  const { issuedBefore, until, by } = revocation;
  const before = issuedBefore === undefined ? '' : `, issued before ${formatTime(issuedBefore)}`;
  return `${phraseOfRevocation(revocation)}${before}, until ${formatTime(until)} (${by})`;
}

/** What is revoked, without times. */
export function phraseOfRevocation({ kind, value, issuer }: RevocationName): string {
  const what = kind === 'all' ? 'every token' : `${kind} ${JSON.stringify(value)}`;
  return issuer === undefined ? what : `${what} of the issuer ${issuer}`;
}

/** Undefined: at any time. */
function timeOf(text: string, now: number): number | undefined {
  if (text === 'all') return undefined;
  const time = text === 'now' ? now : parseSince(text, now);
  if (time === undefined)
    throw new Misuse('--issued-before must be now, all, a time such as 2026-12-01T12:00:00Z, or 10m');
  return time;
}

function lifeOf(text: string): number {
  const [, amount, unit = ''] = /^([1-9]\d{0,5})([smh])$/.exec(text) ?? [];
  if (amount === undefined) throw new Misuse('--for must be a duration, such as 30m or 8h');
  return Number(amount) * ({ s: 1_000, m: 60_000, h: 3_600_000 }[unit] ?? 0);
}
