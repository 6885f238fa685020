import type { ReasonName } from '../../src/core/reasons.ts';
import type { Fixture, Sender } from './fixture.ts';
import type { HttpCase } from './http-case.ts';
import type { Story } from './story.ts';

/** The configurations that cases are held against, see `world.ts`. */
export type WorldName = 'main' | 'asked' | 'oauth2' | 'chained' | 'header' | 'owned' | 'revoked' | 'minting';

/** Header lines in their order, duplicates kept. A character is a byte (Latin-1). */
export type HeaderLines = readonly (readonly [name: string, value: string])[];

/** One attack, before it takes the form of a check: what an attacker sends, and over whose connection. */
export interface Input {
  /** GET by default. */
  readonly method?: string;
  /** `orders.example.com` by default. */
  readonly host?: string;
  /** Sent as it is. `/bearer` by default, where the token alone decides. */
  readonly path?: string;
  readonly headers?: HeaderLines;
  /** In front of `headers`, as `Authorization: Bearer …`. */
  readonly token?: string | undefined;
  /** The owner of the certificate of the TLS connection. By default there is none. */
  readonly sender?: Sender;
  /** The sender's connection ends at a gateway that sanitises, whose own leads to the proxy that asks. */
  readonly behindGateway?: boolean;
  readonly body?: string;
  /** `context_extensions` of the route. */
  readonly context?: Readonly<Record<string, string>>;
  /** What the proxy says of its peer instead of what it would say of `sender`: no proxy that works as it should does. */
  readonly says?: { readonly certificate?: string; readonly principal?: string; readonly xfcc?: string };
  /** `destination.principal`, where the proxy that asks is not the one of orders. */
  readonly destination?: string;
  /** The port that was connected to. */
  readonly port?: number;
  /** A check of the TCP filter. */
  readonly connection?: { readonly port: number; readonly destination?: string };
  /** The whole CheckRequest, byte by byte. */
  readonly bytes?: Buffer;
}

/** What must be seen where a request passes. */
export interface Seen {
  /** What the application receives under a name; null: nothing. */
  readonly headers?: Readonly<Record<string, string | null>>;
  /** Members of the line in the decision log. */
  readonly line?: Readonly<Record<string, unknown>>;
}

/** What becomes of an attack at the real Envoy, where that is not the same as in a check that is written by hand. */
export type AtEnvoy =
  /** It is not sent: Envoy or TLS itself cannot carry it, or Envoy writes this part by itself. */
  | { readonly cannot: string }
  /** Envoy answers by itself, with this status; 0: it closes the connection. Nobody is asked. */
  | { readonly refuses: number }
  /** Envoy changes it on the way. */
  | { readonly becomes: ReasonName; readonly why: string; readonly seen?: Seen }
  /** Envoy makes another path of it where it normalises paths, and only there. */
  | { readonly normalised: ReasonName | 400 };

/** One check that an attacker brings about, and what it must come to. */
export interface Case {
  readonly send: (fixture: Fixture) => Input;
  /** `allowed`, `public`, `anonymous` or `observed` where the attack must have no effect; `seen` then says what to look at. */
  readonly reason: ReasonName;
  /** Beside the source of the item. */
  readonly source?: string;
  readonly world?: WorldName;
  readonly seen?: Seen;
  /** The scopes in the challenge. */
  readonly scope?: string;
  /** The reason where the proxy shows the hash of the certificate and not itself; null: it is not asked there. */
  readonly hash?: ReasonName | null;
  /** Through the listener that takes any certificate, as an edge proxy may: TLS would stop it elsewhere. */
  readonly edge?: true;
  readonly envoy?: AtEnvoy;
  /** Sent to Envoy over HTTP/2, which carries what HTTP/1.1 does not. */
  readonly h2?: true;
  /** The message cannot be read, so there is no evidence. The server must refuse it. */
  readonly unread?: true;
}

/** One kind of attack, with its cases. */
export interface Item {
  /** CVE, section of an RFC or of another standard. */
  readonly source: string;
  readonly cases?: Readonly<Record<string, Case>>;
  /** Attacks of several steps. */
  readonly stories?: Readonly<Record<string, Story>>;
  /** At the HTTP door. */
  readonly http?: Readonly<Record<string, HttpCase>>;
}

/** One group of attacks. */
export interface Group {
  /** Several files may share one number. */
  readonly number: number;
  readonly title: string;
  /** By the name of the kind of attack. */
  readonly items: Readonly<Record<string, Item>>;
}

type More = Omit<Partial<Case>, 'send' | 'reason'>;

/** A token without a peer: the rule for `/bearer` does not require a binding. */
export function token(make: (fixture: Fixture) => string, reason: ReasonName, more: More = {}): Case {
  return { send: (fixture) => ({ path: '/bearer', token: make(fixture) }), reason, ...more };
}

/** Claims that the issuer has signed. */
export function claims(
  more: Readonly<Record<string, unknown>>,
  reason: ReasonName,
  other: More & { readonly header?: Readonly<Record<string, unknown>> } = {},
): Case {
  const { header, ...rest } = other;
  return token((fixture) => fixture.sign(more, header), reason, rest);
}

/** The shop's own token at `path`, sent with whatever else `input` says. */
export function request(
  input: Input | ((fixture: Fixture) => Input),
  reason: ReasonName,
  more: More = {},
): Case {
  return {
    send: (fixture) => ({ token: fixture.token, ...(typeof input === 'function' ? input(fixture) : input) }),
    reason,
    ...more,
  };
}

/** One case for each entry of a list. */
export function each<T>(list: readonly T[], make: (one: T) => readonly [string, Case]): Record<string, Case> {
  return Object.fromEntries(list.map(make));
}

/** Why a check with a hand-written peer does not go through Envoy. */
export const proxyWrites: AtEnvoy = { cannot: 'the proxy writes what it says of its peer by itself' };
