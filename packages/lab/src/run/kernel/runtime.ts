import { mark } from '../../image/code.ts';
import type { FunctionSpec } from '../../image/image-spec.ts';
import { jump, move, moveFrom, moveTo } from '../../image/x64-code.ts';
import {
  add,
  decrement,
  increment,
  jumpIf,
  moveZeroExtended,
  readIrql,
  shortJumpIf,
  test,
  writeIrql,
} from '../../image/x64-data.ts';
import { x64Function } from '../../image/x64-function.ts';
import { at } from '../../image/x64-operands.ts';
import type { PrologStep } from '../../image/x64-prolog.ts';

/** Leaf functions of the kernel that drivers call: moves of memory byte by byte or by eight, and the IRQL. */
export const runtimeFunctions: readonly FunctionSpec<PrologStep>[] = [
  x64Function(
    'memcpy',
    [],
    [
      move('r11', 'rcx'),
      mark('eight'),
      test('r8', -8),
      jumpIf('e', 'rest'),
      moveFrom('rax', at('rdx')),
      moveTo(at('rcx'), 'rax'),
      add('rdx', 8),
      add('rcx', 8),
      add('r8', -8),
      jump('eight'),
      mark('rest'),
      test('r8', 'r8'),
      shortJumpIf('e', 'done'),
      mark('byte'),
      moveZeroExtended('rax', at('rdx'), 1),
      moveTo(at('rcx'), 'rax', 1),
      increment('rdx'),
      increment('rcx'),
      decrement('r8'),
      shortJumpIf('ne', 'byte'),
      mark('done'),
      move('rax', 'r11'),
    ],
    { exported: true },
  ),
  x64Function(
    'memset',
    [],
    [
      move('r11', 'rcx'),
      test('r8', 'r8'),
      shortJumpIf('e', 'done'),
      mark('byte'),
      moveTo(at('rcx'), 'rdx', 1),
      increment('rcx'),
      decrement('r8'),
      shortJumpIf('ne', 'byte'),
      mark('done'),
      move('rax', 'r11'),
    ],
    { exported: true },
  ),
  x64Function('KfRaiseIrql', [], [readIrql('rax'), writeIrql('rcx')], { exported: true }),
  x64Function('KeLowerIrql', [], [writeIrql('rcx')], { exported: true }),
];
