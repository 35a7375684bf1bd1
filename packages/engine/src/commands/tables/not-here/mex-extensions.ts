import { type NotHere, near } from './row.ts';

/** The commands of the public extension mex that people type most. Source: its help, by names. */
export const mexExtensions: readonly NotHere[] = [
  near('!mex !mex.help', 'an extension of its own', '.help'),
  near('!di', 'the machine, in mex', 'vertarget !cpuinfo .time'),
  near('!crash', 'the bug check, in mex', '!analyze .bugcheck'),
  near('!t !lt', 'a thread, in mex', '!thread k'),
  near('!p !tl', 'processes, in mex', '!process'),
  near('!us', 'stacks that are alike, in mex', '!stacks'),
  near('!ddt', 'a structure, in mex', 'dt db'),
  near('!grep !cut', 'lines of an output, in mex', '.foreach s', '.logopen keeps the output in a file'),
];
