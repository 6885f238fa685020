import { type Command, print, printError, wholeOutput } from './cli/command.ts';
import { commands } from './cli/commands.ts';
import { failureLines } from './cli/failure.ts';
import { commandHelp, overview, usageOf } from './cli/help.ts';
import { misuseOf } from './cli/misuse.ts';
import { didYouMean } from './lib/nearest.ts';

const names: Readonly<Record<string, string>> = { '--help': 'help', '-h': 'help', '--version': 'version' };

/**
 * Runs the command that the arguments name. All that it prints has left the process when this resolves.
 * @returns the exit code: 0 success, 1 failure, 2 wrong usage
 */
export async function main([first = 'help', ...args]: string[]): Promise<number> {
  // A reader that ends early, such as `head`, is no failure.
  const ignore = () => undefined;
  for (const output of [process.stdout, process.stderr]) output.on('error', ignore);
  const exitCode = await runCommand((Object.hasOwn(names, first) && names[first]) || first, args);
  await wholeOutput();
  for (const output of [process.stdout, process.stderr]) output.off('error', ignore);
  return exitCode;
}

async function runCommand(name: string, args: string[]): Promise<number> {
  if (name === 'help') return help(args[0]);
  const command = commandOf(name);
  if (!command) return unknownCommand(name);
  const end = args.indexOf('--');
  if ((end < 0 ? args : args.slice(0, end)).some((arg) => arg === '--help' || arg === '-h'))
    return help(name);
  try {
    return await command.run(args);
  } catch (error) {
    const misuse = misuseOf(error, command);
    for (const line of misuse === undefined ? failureLines(error) : [misuse, '', usageOf(name, command)])
      printError(line);
    return misuse === undefined ? 1 : 2;
  }
}

function help(name: string | undefined): number {
  const command = name === undefined ? undefined : commandOf(name);
  if (name !== undefined && !command) return unknownCommand(name);
  print(command ? commandHelp(command) : overview());
  return 0;
}

function unknownCommand(name: string): number {
  const guess = didYouMean(name, Object.keys(commands));
  printError(`unknown command ${JSON.stringify(name)}${guess}\n\n${overview()}`);
  return 2;
}

function commandOf(name: string): Command | undefined {
  return Object.hasOwn(commands, name) ? commands[name] : undefined;
}
