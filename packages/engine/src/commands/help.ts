import { DebuggerError } from '../base/index.ts';
import type { Command } from './command.ts';
import { type Line, plain } from './output.ts';

/** The help over a list of commands; it belongs to the list itself. */
export function makeHelp(commands: readonly Command[]): Command {
  return {
    names: ['.help'],
    usage: '[COMMAND]',
    summary: 'list the commands, or explain one',
    group: 'session',
    run(_console, args) {
      if (args === '') return { data: commands.map((command) => command.names), lines: list(commands) };
      const command = commands.find(({ names }) => names.includes(args.trim()));
      if (command === undefined)
        throw new DebuggerError('COMMAND_UNKNOWN', `there is no command '${args.trim()}'`);
      return { data: command.names, lines: explain(command) };
    },
  };
}

function list(commands: readonly Command[]): Line[] {
  const heads = commands.map((command) => `${command.names.join(' ')} ${command.usage}`.trim());
  const width = Math.min(44, Math.max(...heads.map((head) => head.length)));
  return plain(
    ...commands.map((command, index) => `${heads[index]!.padEnd(width)}  ${command.summary}`),
    `${'q'.padEnd(width)}  leave the console`,
  );
}

function explain(command: Command): Line[] {
  return plain(
    `${command.names.join(', ')} ${command.usage}`.trim(),
    `    ${command.summary}`,
    ...(command.details ?? []).map((line) => `    ${line}`),
  );
}
