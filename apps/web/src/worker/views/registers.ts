import type { RegisterSet, Session } from '@poolscope/engine';
import type { RegisterFact, RegisterView } from '../../protocol/views.ts';

const general: Readonly<Record<RegisterSet['machine'], RegExp>> = {
  x64: /^(r[abcd]x|r[sd]i|r[sbi]p|r\d+)$/,
  x86: /^(e[abcd]x|e[sd]i|e[sbi]p)$/,
  arm64: /^(x\d+|fp|lr|sp|pc)$/,
};

/** The registers that the console works with: those of the crash until it chooses others. */
export function registerView({ console }: Session, views: Session): RegisterView {
  const { scope, system } = console;
  if (scope === undefined) return { kind: undefined, general: [], others: [], lines: [] };
  const { machine } = scope.registers;
  const width = machine === 'x86' ? 4 : 8;
  const facts = [...scope.registers.entries()].map(([name, value]): RegisterFact => {
    const va = machine === 'x86' ? BigInt.asUintN(64, BigInt.asIntN(32, value)) : value;
    const isGeneral = general[machine].test(name);
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
    general: facts.filter(({ name }) => general[machine].test(name)),
    others: facts.filter(({ name }) => !general[machine].test(name)),
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
