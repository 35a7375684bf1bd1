import {
  type DumpKind,
  type Knowable,
  kernelFamily,
  knowableFrom,
  type Machine,
  type ScenarioDamage,
} from '@poolscope/lab';

/** Kinds of dumps that `lab run` writes. */
export const runKinds = ['full', 'bitmap-full', 'bitmap-kernel', 'triage'] as const satisfies DumpKind[];
export type RunKind = (typeof runKinds)[number];

/** What really happened, in the form of a verdict: numbers of 64 bits are texts. */
export type TruthJson = Readonly<Record<string, unknown>>;

/** Fields that the truth leaves out are null, as in a verdict. */
export function truthJson(machine: Machine): TruthJson {
  const { kind, culprit, block, victims, damage, freedAddress } = machine.truth.scenario!;
  return {
    kind,
    block: block === undefined ? null : { ...block, address: hex(block.address) },
    victims: victims.map((victim) => ({ ...victim, address: hex(victim.address) })),
    damage: damage === undefined ? null : damageJson(damage),
    freedAddress: freedAddress === undefined ? null : hex(freedAddress),
    suspects: culprit === undefined ? [] : [{ module: culprit }],
  };
}

const damageJson = ({ start, length, pattern, text }: ScenarioDamage): TruthJson => ({
  start: hex(start),
  length,
  pattern,
  text: text ?? null,
});

const hex = (va: bigint): string => `0x${va.toString(16)}`;

type KnowableByKind = Readonly<Record<keyof Knowable, Readonly<Record<RunKind, boolean>>>>;

/** Which field can be known from which kind of dump. */
export function knowableJson(machine: Machine): KnowableByKind {
  const byKind = runKinds.map((type) => [type, knowableFrom(machine, dumpOptions(machine, type))] as const);
  const fields = Object.keys(byKind[0]![1]) as (keyof Knowable)[];
  return Object.fromEntries(
    fields.map((field) => [field, Object.fromEntries(byKind.map(([type, known]) => [type, known[field]]))]),
  ) as KnowableByKind;
}

/** A small dump is written as the kernel of that build writes it. */
export const dumpOptions = (machine: Machine, type: RunKind) => ({
  type,
  family: kernelFamily(machine.profile.build),
});
