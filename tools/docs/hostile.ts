import { groups } from '../../test/hostile/corpus.ts';

/** One group of attacks, counted. */
interface Tally {
  readonly number: number;
  readonly title: string;
  /** The kinds of attack in this group. */
  readonly words: readonly string[];
  readonly cases: number;
  /** The cases that are sent over gRPC to a running Peerproof. The others go to the HTTP door. */
  readonly grpc: number;
  /** The cases that a client sends through the real Envoy. */
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

/** The table of docs/assurance.md: the attacks of each group, and how many of its cases are sent in which way. */
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
