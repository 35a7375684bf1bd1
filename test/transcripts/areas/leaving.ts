import type { Area } from '../dumps.ts';

/** Leaving: nothing behind it runs, wherever it stands. A host ends the console then; here the next line goes on. */
const commands = [
  'q',
  'q; ? 1',
  '? 1; Q; ? 2',
  '.if (1) { ? 1; qq; ? 2 }; ? 3',
  '.for (r $t0 = 0; 1; r $t0 = @$t0 + 1) { .if (@$t0 == 2) { qd }; ? @$t0 }; ? 9',
  '!for_each_module ".echo @#ModuleName; quit"',
  '.foreach (word { .echo a b; exit; .echo c }) { .echo ${word} }',
  'q x',
  'exit now',
  '.help q',
];

export const area: Area = { name: 'leaving', runs: { 'x64-small': commands, 'x64-header': commands } };
