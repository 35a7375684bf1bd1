import { padHex } from '../base/index.ts';
import { exceptionEventName, headerException } from '../windows/index.ts';
import { type Command, usageError } from './command.ts';
import { plain } from './output.ts';

export const lastEvent: Command = {
  names: ['.lastevent'],
  usage: '',
  summary: 'show the event that the dump was written for',
  group: 'dump',
  details: [
    'The first line is the exception record of the dump header: after a bug check a breakpoint. .exr -1 shows the real one.',
  ],
  run({ system }, args) {
    if (args !== '') throw usageError(lastEvent, '.lastevent takes no arguments');
    const exception = headerException(system.target)?.value;
    const { code, name } = system.bugCheck;
    const event =
      exception === undefined
        ? '<no event>: the dump header holds no exception'
        : `${exceptionEventName(exception.code) ?? 'Unknown exception'} - code ${padHex(exception.code, 8)} (first/second chance not available)`;
    return {
      data: { exception, bugCheck: code },
      lines: plain(`Last event: ${event}`, `  bug check ${padHex(code, 8)} (${name})`),
      call: '({ exception: engine.headerException(session.system.target)?.value, bugCheck: session.system.bugCheck.code })',
    };
  },
};
