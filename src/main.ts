import { print, printError } from './cli/command.ts';
import { commands } from './cli/commands.ts';
import { commandHelp, overview } from './cli/help.ts';
import { ConfigError, problemLine } from './config/problem.ts';

/** Runs the command that the arguments name. @returns the exit code: 0 success, 1 failure, 2 wrong usage */
export async function main([name = 'help', ...args]: string[]): Promise<number> {
  if (name === 'help' || name === '--help' || name === '-h') {
    print(overview());
    return 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) {
    printError(`unknown command ${JSON.stringify(name)}\n\n${overview()}`);
    return 2;
  }
  if (args[0] === '--help' || args[0] === '-h') {
    print(commandHelp(command));
    return 0;
  }
  try {
    return await command.run(args);
  } catch (error) {
    if (error instanceof ConfigError) {
      for (const problem of error.problems) printError(problemLine(problem));
      return 1;
    }
    const misuse = String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS');
    printError(
      misuse
        ? `${(error as Error).message}\n\n${commandHelp(command)}`
        : String((error as Error).stack ?? error),
    );
    return misuse ? 2 : 1;
  }
}
