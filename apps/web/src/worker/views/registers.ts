import type { RegisterSet, Session } from '@poolscope/engine';
import type { RegisterFact, RegisterView } from '../../protocol/views.ts';

const numbered = (prefix: string, first: number, last: number): string[] =>
  Array.from({ length: last - first + 1 }, (_, index) => `${prefix}${first + index}`);

/** General registers in the debugger's order. */
const order: Readonly<Record<RegisterSet['machine'], readonly string[]>> = {
  x64: ['rax', 'rbx', 'rcx', 'rdx', 'rsi', 'rdi', 'rip', 'rsp', 'rbp', ...numbered('r', 8, 15)],
  x86: ['eax', 'ebx', 'ecx', 'edx', 'esi', 'edi', 'eip', 'esp', 'ebp'],
  arm64: [...numbered('x', 0, 28), 'fp', 'lr', 'sp', 'pc'],
};

/** The registers that the console works with: those of the crash until it chooses others. */
export function registerView({ console }: Session, views: Session): RegisterView {
  const { scope, system } = console;
  if (scope === undefined) return { kind: undefined, general: [], others: [], lines: [] };
  const { machine } = scope.registers;
  const width = machine === 'x86' ? 4 : 8;
  const facts = [...scope.registers.entries()].map(([name, value]): RegisterFact => {
    const va = machine === 'x86' ? BigInt.asUintN(64, BigInt.asIntN(32, value)) : value;
    const isGeneral = order[machine].includes(name);
    return {
      name,
      value,
      width: isGeneral ? width : 4,
      near: isGeneral ? system.symbols.nameOf(va) : undefined,
      isReadable: isGeneral && va > 0xffffn && console.memory.tryRead(va, 1) instanceof Uint8Array,
    };
  });
  return {
    kind: scope.kind,
    general: order[machine].flatMap((name) => facts.filter((fact) => fact.name === name)),
    others: facts.filter(({ name }) => !order[machine].includes(name)),
    lines: linesOf(views, scope),
  };
}

/** What `r` says of them. */
function linesOf(views: Session, scope: Session['console']['scope']): RegisterView['lines'] {
  views.console.useScope(scope);
  try {
    return views.execute('r').lines;
  } finally {
    views.console.resetScope();
  }
}
