import { DebuggerError, type Va } from '../base/index.ts';
import {
  driverInterfaceStructure,
  type KernelTypes,
  type LayoutFact,
  Structure,
  StructureType,
} from '../types/index.ts';
import type { Target } from './target.ts';
import { confirmedPart, toldSource, toldStructure } from './told-structures.ts';

/**
 * Structures of kernel objects as readers use them: what the profiles say, less what the dump itself contradicts; for
 * machines without a profile, the members that the dump's debugger data tell of.
 */
export class KernelStructures {
  readonly #target: Target;
  readonly types: KernelTypes | undefined;
  #facts: readonly LayoutFact[];
  readonly #known = new Map<string, StructureType | undefined>();
  readonly #learned = new Set<string>();

  constructor(target: Target, types: KernelTypes | undefined, facts: readonly LayoutFact[]) {
    this.#target = target;
    this.types = types;
    this.#facts = [...facts, ...facts.flatMap(asInner)];
  }

  /** A structure by Microsoft's name; undefined when nothing is known of it. */
  find(name: string): StructureType | undefined {
    if (!this.#known.has(name)) this.#known.set(name, this.#look(name));
    return this.#known.get(name);
  }

  /** The structure at an address. Throws TYPES_UNKNOWN. */
  at(name: string, va: Va, memory = this.#target.memory): Structure {
    const type = this.find(name);
    if (type === undefined) throw this.unknown(name);
    return new Structure(type, memory, va);
  }

  /** The offset of a member; undefined where it is not known. */
  offset(name: string, path: string): number | undefined {
    return this.find(name)?.offset(path);
  }

  /**
   * Adds what `find` can tell of places that are not known otherwise. It is asked once for each subject, and only where it
   * is needed: looking for places reads much.
   */
  learn(subject: string, find: () => readonly LayoutFact[]): void {
    if (this.#learned.has(subject)) return;
    this.#learned.add(subject);
    const found = find();
    if (found.length === 0) return;
    this.#facts = [...this.#facts, ...found];
    this.#known.clear();
  }

  /** What to say where a member is needed and not known. */
  unknown(name: string, path?: string): DebuggerError {
    const member = path === undefined ? name : `${name}.${path}`;
    const message = `where ${member} is in this kernel is not known: ${this.whyUnknown(name, path)}`;
    return new DebuggerError('TYPES_UNKNOWN', message);
  }

  /** Why it is not known, as half a sentence. */
  whyUnknown(name: string, path?: string): string {
    return this.types?.whyAbsent(name, path) ?? this.#whyNot(name);
  }

  /** Which layouts serve for these structures, where they are not those of this build: one sentence for the user. */
  note(...names: readonly string[]): string | undefined {
    const found = names.map((name) => ({ name, type: this.find(name) }));
    const isTold = (type: StructureType | undefined) => type === undefined || type.source === toldSource;
    const sources = found.flatMap(({ type }) =>
      type === undefined || type.exact || isTold(type) ? [] : [sourceText(type)],
    );
    const told = found.filter(({ type }) => isTold(type)).map(({ name }) => name);
    const onlyTold = told.length === 0 ? [] : [`of ${told.join(', ')} only what the dump itself tells`];
    const parts = [...new Set(sources), ...onlyTold];
    return parts.length === 0 ? undefined : `Layouts: ${parts.join('; ')}.`;
  }

  #look(name: string): StructureType | undefined {
    const type = this.types?.find(name);
    const { pointerSize } = this.#target;
    if (type === undefined || type.trust === 'contradicted')
      return toldStructure(name, this.#facts, pointerSize) ?? this.#shared(name);
    const isOther = type.trust === 'nearest' || type.trust === 'guess';
    const isTold = this.#facts.some(({ structure, member }) => structure === name && member !== undefined);
    if (!isOther || !isTold) return type;
    return confirmedPart(type, this.#facts) ?? toldStructure(name, this.#facts, pointerSize);
  }

  /** Of those that drivers share with the kernel, where no profile has them. */
  #shared(name: string): StructureType | undefined {
    const { machine, dump, pointerSize } = this.#target;
    const found = driverInterfaceStructure(machine, dump.header.build, name);
    return found === undefined
      ? undefined
      : new StructureType(found, pointerSize, (inner) => this.find(inner));
  }

  #whyNot(name: string): string {
    const machine = this.#target.machine;
    if (this.types === undefined) return `there is no built-in profile for ${machine}`;
    const { trust } = this.types.find(name) ?? {};
    return trust === 'contradicted'
      ? `the dump contradicts the ${this.types.source}`
      : `the dump does not confirm the ${this.types.source} as far as that`;
  }
}

/** `_EPROCESS.Pcb.X` tells of `_KPROCESS.X` too: it is the first thing in it. */
const asInner = ({ structure, member, value }: LayoutFact): LayoutFact[] =>
  structure === '_EPROCESS' && member?.startsWith('Pcb.') === true
    ? [{ structure: '_KPROCESS', member: member.slice(4), value }]
    : [];

/** Without what is said of the single structure. */
function sourceText({ source, trust }: StructureType): string {
  const [first = source] = source.split(';');
  return trust === 'update' ? `${first} (updates of this build differ)` : first;
}
