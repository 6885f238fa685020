import { parseArgs } from 'node:util';
import { parseSince } from '../log-view/since.ts';
import { type Command, printError } from './command.ts';
import { Misuse } from './misuse.ts';

const text = { type: 'string' } as const;
const texts = { type: 'string', multiple: true } as const;
const flag = { type: 'boolean', default: false } as const;

export const logCommand: Command = {
  summary: 'Shows the decision log for a person: one line per decision, groups or statistics.',
  usage: ['log [--follow] [FILTER...] [--stats] [--group] [--json] [FILE...]'],
  options: {
    '--follow': 'Waits for new lines. Survives that the file is renamed, replaced or emptied.',
    '--deny': 'Shows denials, outages and what an observing rule would deny.',
    '--since TIME': 'Shows lines since a time: `90s`, `10m`, `2h`, `7d`, or an ISO time (UTC).',
    '--rule PATTERN': 'Shows lines of a rule.',
    '--spiffe PATTERN': 'Shows lines of a peer, by its SPIFFE ID.',
    '--subject PATTERN': 'Shows lines of a subject of tokens.',
    '--issuer PATTERN': 'Shows lines of an issuer of tokens, by its URL.',
    '--reason PATTERN': 'Shows lines with a reason.',
    '--host PATTERN': 'Shows lines of a host.',
    '--path PATTERN': 'Shows lines of a path.',
    '--id PATTERN': 'Shows the line with a decision ID, a request ID or a trace ID.',
    '--group': 'Shows groups of one cause: how many, when, and the ID of an example.',
    '--stats': 'Shows shares, latencies, and the most frequent reasons, rules and peers.',
    '--json': 'Shows the matching lines as they are.',
    '--color always|never|auto': '`auto` is the default: colours on a terminal, unless NO_COLOR is set.',
  },
  notes: `Without FILE, or if FILE is -, it reads standard input. In a pattern, * stands for any characters.
Patterns of one kind are alternatives. Patterns of different kinds must all match.
--group and --stats are shown at the end, and on a terminal each second. ^C ends the reading.`,
  exitCodes: { 1: 'A file cannot be read, or the output cannot be written.' },
  examples: {
    'kubectl -n peerproof logs -f -l app.kubernetes.io/name=peerproof | peerproof log --deny':
      'Shows each denial as soon as it happens.',
    "peerproof log --group --since 1h --rule 'orders/*' peerproof.log":
      'Groups the last hour of some rules by cause.',
    'peerproof log --stats --follow peerproof.log': 'Shows statistics that are renewed each second.',
    'peerproof log --json --id 7e0c1a52-4a53-4b0e-9d5b-0f2f3c7d3a11 peerproof.log':
      'Shows every field of one decision.',
  },
  async run(args) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        follow: flag,
        deny: flag,
        since: text,
        rule: texts,
        spiffe: texts,
        subject: texts,
        issuer: texts,
        reason: texts,
        host: texts,
        path: texts,
        id: texts,
        group: flag,
        stats: flag,
        json: flag,
        color: text,
      },
    });
    const { follow, deny, since: written, group, stats, json, color: chosen = 'auto', ...patterns } = values;
    const [{ showLog }, { colorChoices }] = await Promise.all([
      import('../log-view/command.ts'),
      import('../log-view/paint.ts'),
    ]);
    const since = written === undefined ? undefined : parseSince(written, Date.now());
    const color = colorChoices.find((choice) => choice === chosen);
    if (written !== undefined && since === undefined)
      throw new Misuse('--since must be a time such as 10m or 2026-01-31T12:00');
    if (!color) throw new Misuse('--color must be always, never or auto');
    if (json && (group || stats)) throw new Misuse('--json shows lines, and --group and --stats do not');
    const files = positionals.length > 0 ? positionals : ['-'];
    if (files.includes('-') && process.stdin.isTTY) printError('reading standard input until ^D');
    const stop = new AbortController();
    // The second ^C ends the process at once.
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
    return showLog(
      { files, isFollowed: follow, wanted: { deny, since, patterns }, group, stats, json, color },
      { input: process.stdin, output: process.stdout, signal: stop.signal, note: printError },
    );
  },
};
