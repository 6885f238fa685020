import { usualCodes } from '../../src/cli/command.ts';
import { commands } from '../../src/cli/commands.ts';
import { table } from './table.ts';

/** A heading, the ways to call it and its options, command by command. */
export function commandPages(): string {
  return Object.entries(commands)
    .map(([name, { summary, usage, options, notes, examples }]) =>
      [
        `## peerproof ${name}`,
        summary,
        `\`\`\`sh\n${usage.map((line) => `peerproof ${line}`).join('\n')}\n\`\`\``,
        ...(Object.keys(options).length > 0
          ? [
              table(
                ['option', 'what it does'],
                Object.entries(options).map(([option, text]) => [
                  `\`${option.replaceAll('|', '\\|')}\``,
                  text.replaceAll('|', '\\|'),
                ]),
              ),
            ]
          : []),
        ...(notes ? [notes] : []),
        `\`\`\`sh\n${Object.entries(examples)
          .map(([line, text]) => `# ${text}\n${line}`)
          .join('\n')}\n\`\`\``,
      ].join('\n\n'),
    )
    .join('\n\n');
}

/** What each exit code of each command means. */
export function exitCodeRows(): string[][] {
  return Object.entries(commands).flatMap(([name, { exitCodes }]) =>
    Object.entries({ ...usualCodes, ...exitCodes }).map(([code, text], at) => [
      at === 0 ? `\`${name}\`` : '',
      code,
      text,
    ]),
  );
}
