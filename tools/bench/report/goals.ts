import { bareHttp, bareHttp2, grpcJs, grpcKnown, httpKnown } from '../rows.ts';
import { decimal, markdown } from '../table.ts';
import type { Results } from './results.ts';

type Goal = readonly [text: string, sign: '≥' | '≤', bound: number, measured: number];

/** What the project wants of one run, and what the run gave. Goals that it did not measure are left out. */
export function goalsTable(results: Results, against: string | undefined): string | undefined {
  const { latency, memory, start } = results.parts;
  const p99 = (name: string) => latency?.find((one) => one.name === name)?.p99 ?? Number.NaN;
  const before = (name: string) => results.ratio(name, `${against}: ${name}`);
  const fresh = (algorithm: string) => `gRPC, new tokens, ${algorithm}`;
  const many = (title: string) => results.ratio(`gRPC, ${title}`, grpcKnown);
  const goals: readonly Goal[] = [
    ['gRPC, known tokens: times bare grpc-js', '≥', 1.1, results.ratio(grpcKnown, grpcJs)],
    [`gRPC, known tokens: times ${against}`, '≥', 2.5, before(grpcKnown)],
    [
      'gRPC, known tokens: KiB allocated a check',
      '≤',
      20,
      results.median(grpcKnown, ({ allocated }) => (allocated ?? Number.NaN) / 1024),
    ],
    [`gRPC, new tokens, RS256: times ${against}`, '≥', 1.7, before(fresh('RS256'))],
    ['gRPC, new tokens, EdDSA: times RS256', '≥', 1, results.ratio(fresh('EdDSA'), fresh('RS256'))],
    ['HTTP, known tokens: times bare node:http', '≥', 0.4, results.ratio(httpKnown, bareHttp)],
    [`HTTP, known tokens: times ${against}`, '≥', 3, before(httpKnown)],
    ['p99 at half of the maximum, ms', '≤', 12, p99(grpcKnown)],
    ['the same: times bare node:http2', '≤', 1.3, p99(grpcKnown) / p99(bareHttp2)],
    ['10,000 rules: times 10 rules', '≥', 0.97, many('10,000 rules')],
    ['100 issuers: times one', '≥', 0.97, many('100 issuers')],
    ['decision log off: times on', '≤', 1.08, many('decision log off')],
    ['tracing at 1 %: times off', '≥', 0.92, many('tracing at 1 %')],
    ['start to first answer, ms', '≤', 350, start?.package.toFirstAnswer ?? Number.NaN],
    ['memory at rest, MB', '≤', 110, memory?.atRest ?? Number.NaN],
    ['10,000 rules: MB more', '≤', 30, memory ? memory.with10000Rules - memory.atRest : Number.NaN],
    [
      'most memory with unique tokens, MB',
      '≤',
      220,
      Math.max(...(memory?.afterTokens.map(([, megabytes]) => megabytes) ?? [Number.NaN])),
    ],
  ];
  const known = goals.filter(([, , , measured]) => Number.isFinite(measured));
  if (known.length === 0) return undefined;
  return markdown(
    ['goal', 'wanted', 'measured', 'reached'],
    known.map(([text, sign, bound, measured]) => [
      text,
      `${sign} ${bound}`,
      decimal(measured, measured < 10 ? 2 : 0),
      (sign === '≥' ? measured >= bound : measured <= bound) ? 'yes' : '**not yet**',
    ]),
  );
}
