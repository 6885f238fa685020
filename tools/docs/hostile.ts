import { groups } from '../../test/hostile/corpus.ts';

/** One group of attacks, counted. */
interface Tally {
  readonly number: number;
  readonly title: string;
  /** The words of the list that its cases stand for. */
  readonly words: readonly string[];
  readonly cases: number;
  /** Of these, sent over a gRPC connection to a Peerproof that runs; at the HTTP door the others are. */
  readonly grpc: number;
  /** Of these, sent by a client through the real Envoy. */
  readonly envoy: number;
}

/** Counts the corpus of hostile cases (`test/hostile/`), group by group. */
export function tallies(): readonly Tally[] {
  return groups.map(({ number, title, items }) => {
    const all = Object.values(items);
    const cases = all.flatMap((item) => Object.values(item.cases ?? {}));
    const stories = all.flatMap((item) => Object.values(item.stories ?? {}));
    const http = all.flatMap((item) => Object.values(item.http ?? {}));
    return {
      number,
      title,
      words: Object.keys(items),
      cases: cases.length + stories.length + http.length,
      grpc: cases.length + stories.filter(({ only }) => only !== 'pure').length,
      envoy: cases.filter(({ envoy }) => !(envoy && 'cannot' in envoy)).length,
    };
  });
}

/** The table of docs/assurance.md: what each group is about, and how many of its cases go which way. */
export function hostileTable(): string {
  const list = tallies();
  const sum = (of: 'cases' | 'grpc' | 'envoy') => String(list.reduce((total, tally) => total + tally[of], 0));
  const rows = [
    ['group', 'what it is', 'cases', 'over gRPC', 'through Envoy'],
    ['---', '---', '---', '---', '---'],
    ...list.map(({ number, title, words, cases, grpc, envoy }) => [
      `${number}. ${title}`,
      words.join(' · ').replaceAll('|', '\\|'),
      ...[cases, grpc, envoy].map(String),
    ]),
    ['', '', sum('cases'), sum('grpc'), sum('envoy')],
  ];
  return rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
