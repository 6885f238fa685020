import type { Command } from './command.ts';
import { completionOf } from './completion.ts';
import { demoCommand } from './demo.ts';
import { diffCommand } from './diff.ts';
import { explainCommand } from './explain.ts';
import { initCommand } from './init.ts';
import { injectCommand } from './inject.ts';
import { logCommand } from './log.ts';
import { migrateCommand } from './migrate.ts';
import { revokeCommand } from './revoke.ts';
import { serveCommand } from './serve.ts';
import { suggestCommand } from './suggest.ts';
import { testCommand } from './test.ts';
import { validateCommand } from './validate.ts';
import { versionCommand } from './version.ts';

export const commands: Readonly<Record<string, Command>> = {
  init: initCommand,
  serve: serveCommand,
  inject: injectCommand,
  validate: validateCommand,
  log: logCommand,
  test: testCommand,
  explain: explainCommand,
  diff: diffCommand,
  suggest: suggestCommand,
  revoke: revokeCommand,
  migrate: migrateCommand,
  demo: demoCommand,
  completion: completionOf(() => commands),
  version: versionCommand,
};
