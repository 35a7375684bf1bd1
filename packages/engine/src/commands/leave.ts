import { type Command, tick } from './command.ts';

/** A dump stays as it is: there is nothing to detach from or to end, so all forms do the same. */
export const leaveCommand: Command = {
  names: ['q', 'qq', 'qd', 'quit', 'exit'],
  usage: '',
  summary: 'leave the console; in a script too',
  group: 'session',
  *run(console) {
    console.leaving = true;
    // The host sees it at this step and stops what would follow.
    yield tick;
    return { data: null, lines: [] };
  },
};
