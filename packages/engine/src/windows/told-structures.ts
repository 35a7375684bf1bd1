import { type LayoutFact, StructureType } from '../types/index.ts';

/** Types of members that are no pointers, of those that debugger data tell of. Source: PDB types of Windows 7 to 11. */
const memberTypes: Readonly<Record<string, string>> = {
  '_EPROCESS.ActiveProcessLinks': '_LIST_ENTRY',
  '_KPROCESS.ThreadListHead': '_LIST_ENTRY',
  '_KTHREAD.ThreadListEntry': '_LIST_ENTRY',
  '_ETHREAD.Cid': '_CLIENT_ID',
  '_KTHREAD.State': 'u8',
  '_KTHREAD.NextProcessor': 'u32',
  '_KTHREAD.WaitReason': 'u8',
  '_KTHREAD.QueueListEntry': '_LIST_ENTRY',
  '_ETHREAD.IrpList': '_LIST_ENTRY',
  '_KPRCB.DpcRoutineActive': 'u8',
  '_KPRCB.MHz': 'u32',
  '_KPRCB.CpuType': 'u8',
  '_KPRCB.VendorString': 'u8[13]',
  '_KPRCB.Number': 'u32',
  '_KPRCB.ProcessorState.ContextFrame': '_CONTEXT',
  '_KPRCB.ProcessorState.SpecialRegisters': '_KSPECIAL_REGISTERS',
};

/** Where the facts are from, as half a sentence. */
export const toldSource = 'debugger data and the lists of this dump';

/** A structure of which nothing but what the dump itself tells is known; undefined when it tells nothing. */
export function toldStructure(
  name: string,
  facts: readonly LayoutFact[],
  pointerSize: 4 | 8,
): StructureType | undefined {
  const own = facts.filter(({ structure }) => structure === name);
  const members = own.flatMap(({ member, value }) =>
    member === undefined
      ? []
      : [{ path: member, type: memberTypes[`${name}.${member}`] ?? '*void', offset: value }],
  );
  if (members.length === 0) return undefined;
  const size = own.find(({ member }) => member === undefined)?.value ?? 0;
  return new StructureType(
    { name, size, members, trust: 'image', source: toldSource },
    pointerSize,
    () => undefined,
  );
}

/**
 * A structure of another build, as far as the dump confirms it: up to the last member that lies where the dump says. What
 * comes behind may have moved. Undefined: the dump confirms none.
 */
export function confirmedPart(type: StructureType, facts: readonly LayoutFact[]): StructureType | undefined {
  const last = Math.max(
    ...facts
      .filter(({ structure, member }) => structure === type.name && member !== undefined)
      .filter(({ member, value }) => type.offset(member!) === value)
      .map(({ value }) => value),
  );
  if (last === Number.NEGATIVE_INFINITY) return undefined;
  const members = type.members
    .filter(({ offset }) => offset <= last)
    .map((member) => ({ path: member.path, type: typeText(member), offset: member.offset }));
  const { name, size, trust, source } = type;
  return new StructureType({ name, size, members, trust, source }, type.pointerSize, (inner) => {
    const member = type.members.find(({ structure }) => structure === inner);
    return member === undefined ? undefined : type.structureOf(member);
  });
}

/** A member's type in the form of the profiles. */
function typeText(member: StructureType['members'][number]): string {
  const { kind, target, structure, size = 0, count, isArray, bits } = member;
  const element =
    kind === 'pointer'
      ? `*${target ?? 'void'}`
      : kind === 'structure'
        ? (structure ?? `{${(size / Math.max(count, 1)).toString(16)}}`)
        : kind;
  return `${element}${isArray ? `[${count}]` : ''}${bits === undefined ? '' : `:${bits.position}:${bits.width}`}`;
}
