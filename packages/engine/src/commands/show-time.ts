import { type Command, usageError } from './command.ts';
import { evaluateIn } from './evaluate-in.ts';
import { plain } from './output.ts';
import { timeLines } from './version.ts';

export const showTime: Command = {
  names: ['.time'],
  usage: '[-h HOURS]',
  summary: 'show when the machine crashed, and how long it had been running',
  group: 'dump',
  details: [
    'Times are in UTC; with -h in a zone that is HOURS east of it. Hours west of it stand in parentheses: -h (-8).',
  ],
  examples: ['.time', '.time -h (-0n8)'],
  run(console, args) {
    const { system } = console;
    const { crashTime, uptimeSeconds } = system.info;
    const [, hours] = /^-h\s+(\S.*)$/.exec(args) ?? [];
    if (args !== '' && hours === undefined)
      throw usageError(showTime, `'${args.slice(0, 40)}' is not -h HOURS`);
    const east = hours === undefined ? 0 : Number(BigInt.asIntN(64, evaluateIn(console, hours)));
    if (Math.abs(east) > 14) throw usageError(showTime, 'no time zone is more than 14 hours from UTC');
    return {
      data: { crashTime, uptimeSeconds },
      lines: plain(...timeLines(system, east)),
      call: '(({ crashTime, uptimeSeconds }) => ({ crashTime, uptimeSeconds }))(session.system.info)',
    };
  },
};
