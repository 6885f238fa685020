import { configurations, type Shape, usualRules } from './checks/configuration.ts';
import { type Algorithm, algorithms, type Credential, type Material, tokenCount } from './checks/material.ts';
import { checkOf } from './checks/wire.ts';
import type { Check, Target } from './load/connection.ts';
import { type Floor, type Place, type Server, startFloor, startPeerproof } from './servers/server.ts';

type Wire = Target['wire'];

/** One line of the table: which server is asked what, and what it must answer. */
export interface Row {
  readonly name: string;
  readonly wire: Wire;
  /** Each row has a server of its own, so that all of them wait equally long, and see nothing of another row. */
  readonly start: (place: Place, nodeOptions?: readonly string[]) => Promise<Server>;
  readonly checks: () => readonly Check[];
  /** The status of every answer: `status.code` over gRPC, else that of HTTP. */
  readonly expected: number;
  /**
   * Whether all tokens were verified by an earlier check, or none. Told by the decision log; undefined without one.
   */
  readonly remembered?: boolean;
  /** Asked before and after each window: it must be kept out. */
  readonly bad?: () => Check;
  /** The names of rows that it is compared with, in the same round. */
  readonly comparedWith: readonly string[];
}

export const grpcKnown = 'gRPC, known tokens';
export const httpKnown = 'HTTP, known tokens';
export const grpcJs = 'floor: grpc-js, answers at once';
export const bareHttp2 = 'floor: node:http2, lean codec and memos';
export const bareHttp = 'floor: node:http, answers at once';

const allows = { grpc: 0, http: 200 } as const;
const denies = { grpc: 16, http: 401 } as const;
const words = { grpc: 'gRPC', http: 'HTTP' } as const;

/** Where the addresses of the introspection endpoint and of the collector are known, and where the other checkout is. */
export interface Surroundings {
  readonly material: Material;
  readonly top: string;
  readonly introspection: string;
  readonly collector: string;
  readonly against?: { readonly top: string; readonly name: string } | undefined;
}

/** Every row. Nothing is started or signed before it is needed. */
export function allRows(around: Surroundings): readonly Row[] {
  const { material, top, against } = around;
  const own = new Rows(material, top, '');
  const other = against && new Rows(material, against.top, `${against.name}: `);
  const rows = [
    floorRow(material, grpcJs, 'grpc-js', 'grpc'),
    floorRow(material, bareHttp2, 'http2', 'grpc'),
    floorRow(material, bareHttp, 'http', 'http'),
    own.known('grpc', [grpcJs, bareHttp2]),
    ...algorithms.map((algorithm) => own.fresh('grpc', algorithm)),
    own.stolen('grpc', [grpcJs]),
    own.opaque(around.introspection, [grpcKnown]),
    own.shaped('10,000 rules', { rules: 10_000 }, [grpcKnown]),
    own.shaped('100 issuers', { issuers: 100 }, [grpcKnown]),
    own.withoutLog([grpcKnown]),
    own.shaped('tracing at 1 %', { collector: around.collector }, [grpcKnown]),
    own.known('http', [bareHttp]),
    ...algorithms.map((algorithm) => own.fresh('http', algorithm)),
    own.stolen('http', [bareHttp]),
    ...(other
      ? (['grpc', 'http'] as const).flatMap((wire) => [
          other.known(wire, []),
          other.fresh(wire, 'RS256'),
          other.fresh(wire, 'EdDSA'),
        ])
      : []),
  ];
  const names = new Set(rows.map(({ name }) => name));
  return rows.map((row) => {
    const before = `${against?.name}: ${row.name}`;
    return names.has(before) ? { ...row, comparedWith: [...row.comparedWith, before] } : row;
  });
}

/** Rows of one checkout. */
class Rows {
  readonly #material: Material;
  readonly #top: string;
  readonly #prefix: string;

  constructor(material: Material, top: string, prefix: string) {
    this.#material = material;
    this.#top = top;
    this.#prefix = prefix;
  }

  known(wire: Wire, comparedWith: readonly string[]): Row {
    return this.#row(wire, 'known tokens', {}, { comparedWith });
  }

  /** In this checkout, the others are compared with RS256. */
  fresh(wire: Wire, algorithm: Algorithm): Row {
    const isCompared = algorithm !== 'RS256' && this.#prefix === '';
    const comparedWith = isCompared ? [`${words[wire]}, new tokens, RS256`] : [];
    const tokens = () => this.#material.tokens(algorithm);
    const options = { comparedWith, remembered: false, tokens };
    return this.#row(wire, `new tokens, ${algorithm}`, { forgets: true }, options);
  }

  stolen(wire: Wire, comparedWith: readonly string[]): Row {
    const { thief } = this.#material;
    return {
      ...this.#row(wire, 'stolen tokens (denied)', {}, { comparedWith }),
      expected: denies[wire],
      checks: () =>
        this.#material.tokens('RS256').map((credential, index) => {
          return checkOf({ credential, sender: thief, index, rule: index % usualRules }, wire, false);
        }),
    };
  }

  opaque(introspection: string, comparedWith: readonly string[]): Row {
    const options = { comparedWith, tokens: () => this.#material.opaque() };
    return this.#row('grpc', 'opaque tokens', { introspection }, options);
  }

  shaped(title: string, shape: Shape, comparedWith: readonly string[]): Row {
    const tokens = () => this.#material.tokens('RS256', shape.issuers);
    return this.#row('grpc', title, shape, { comparedWith, tokens });
  }

  withoutLog(comparedWith: readonly string[]): Row {
    return this.#row('grpc', 'decision log off', { logsAllows: false }, { comparedWith });
  }

  #row(wire: Wire, title: string, shape: Shape, options: RowOptions): Row {
    const { comparedWith, remembered = true } = options;
    const tokens = options.tokens ?? (() => this.#material.tokens('RS256'));
    const { rules = usualRules, logsAllows = true } = shape;
    const full = { ...shape, http: wire === 'http' };
    return {
      name: `${this.#prefix}${words[wire]}, ${title}`,
      wire,
      start: (place, nodeOptions = []) => {
        const options = { top: this.#top, wire, nodeOptions };
        return startPeerproof({ ...options, configurations: configurations(this.#material, full) }, place);
      },
      checks: () => tokens().map((credential, index) => this.#check(credential, index, rules, wire, true)),
      expected: allows[wire],
      ...(logsAllows && { remembered }),
      bad: () => this.#check(this.#material.tampered('RS256'), 0, rules, wire, false),
      comparedWith,
    };
  }

  #check(credential: Credential, index: number, rules: number, wire: Wire, letsIn: boolean): Check {
    // A prime spreads the tokens over more rules than there are tokens.
    const rule = (index * 7919) % rules;
    return checkOf({ credential, sender: credential.peer, index, rule }, wire, letsIn);
  }
}

interface RowOptions {
  readonly comparedWith: readonly string[];
  readonly remembered?: boolean;
  readonly tokens?: () => readonly Credential[];
}

function floorRow(material: Material, name: string, floor: Floor, wire: Wire): Row {
  return {
    name,
    wire,
    start: (place) => startFloor(floor, place),
    checks: () =>
      Array.from({ length: tokenCount }, (_, index) => {
        const credential = material.tokens('RS256')[index] as Credential;
        const subject = { credential, sender: credential.peer, index, rule: index % usualRules };
        return checkOf(subject, wire, false);
      }),
    expected: allows[wire],
    comparedWith: [],
  };
}
