import { assert } from '@poolscope/engine/base';
import { type DumpContents, dumpContents } from '../dump-contents.ts';
import type { BuiltImage } from '../image/built-image.ts';
import type { Machine } from '../machine/machine.ts';
import type { ScenarioDamage, ScenarioKind, ScenarioTruth } from '../machine/scenario-truth.ts';
import type { DumpKind, DumpOptions } from '../write-dump.ts';
import { Evidence } from './evidence.ts';
import { showsExtent } from './extent.ts';
import { isPoolBugCheck, statedKind } from './stated-kind.ts';

/** Which fields of the truth a dump can tell. Of a field that the truth leaves out: whether that there is none can be known. */
export interface Knowable {
  readonly kind: boolean;
  /** Where it begins and ends. */
  readonly block: boolean;
  /** The tag that its owner gave it. */
  readonly 'block.tag': boolean;
  /** Its state when it happened: one that was freed since does not tell that it was in use then. */
  readonly 'block.state': boolean;
  readonly victims: boolean;
  readonly damage: boolean;
  readonly freedAddress: boolean;
  /** Who did it, or that nobody did. */
  readonly suspects: boolean;
}

/**
 * What a dump of a machine that played a scenario can tell, by one rule: the bytes that show a field are in the dump, which
 * the dump's writer is asked for, or the bug check states it. Nothing is said of whether it is easy.
 */
export function knowableFrom(machine: Machine, options: DumpOptions): Knowable {
  const { scenario } = machine.truth;
  assert(scenario !== undefined, 'the machine has played a scenario');
  const contents = dumpContents(machine, options);
  return new Judge(machine, scenario, contents, options.type).knowable();
}

class Judge {
  readonly #machine: Machine;
  readonly #truth: ScenarioTruth;
  readonly #contents: DumpContents;
  readonly #evidence: Evidence;
  readonly #dump: DumpKind;

  constructor(machine: Machine, truth: ScenarioTruth, contents: DumpContents, dump: DumpKind) {
    this.#machine = machine;
    this.#truth = truth;
    this.#contents = contents;
    this.#evidence = new Evidence(machine, contents);
    this.#dump = dump;
  }

  knowable(): Knowable {
    const kind = this.#stated === this.#truth.kind || this.#kindIsShown();
    const { block, damage, freedAddress, victims } = this.#truth;
    return {
      kind,
      block: block === undefined ? kind : this.#blockIsShown,
      'block.tag': block === undefined ? kind : this.#tagIsShown,
      'block.state': block === undefined ? kind : this.#stateIsShown,
      victims: victims.length === 0 ? kind : kind && this.#victimsAreShown,
      damage: damage === undefined ? kind : kind && this.#damageIsShown && this.#extentIsShown(damage),
      freedAddress: freedAddress === undefined ? kind : this.#freedAddressIsShown,
      // A header has no list of modules.
      suspects: kind && this.#dump !== 'header' && this.#culpritIsShown(),
    };
  }

  get #stated(): ScenarioKind | undefined {
    const { code, parameters } = this.#machine.bugCheck;
    return statedKind(code, parameters);
  }

  get #blockIsShown(): boolean {
    const { block } = this.#truth;
    return block !== undefined && this.#evidence.showsBlock(block);
  }

  get #tagIsShown(): boolean {
    const { block } = this.#truth;
    return block !== undefined && this.#blockIsShown && this.#evidence.showsTag(block);
  }

  get #stateIsShown(): boolean {
    const { block } = this.#truth;
    if (block === undefined || !this.#blockIsShown) return false;
    const isSmall = ['classic', 'vs', 'lfh'].includes(block.allocator);
    if (block.state === 'free' || !isSmall) return true;
    const now = this.#machine.kernelPool?.blocks().find(({ header }) => header === block.address);
    return now?.state === 'allocated';
  }

  get #logIsShown(): boolean {
    const { block } = this.#truth;
    return block !== undefined && this.#evidence.showsLog(block);
  }

  get #damageIsShown(): boolean {
    const { damage } = this.#truth;
    return damage !== undefined && this.#evidence.showsDamage(damage);
  }

  /** The bytes alone are not enough: where they begin and end has to be seen, and they have to be those that were written. */
  #extentIsShown(damage: ScenarioDamage): boolean {
    return this.#truth.damageIsGone !== true && showsExtent(this.#machine, this.#contents, damage);
  }

  get #victimsAreShown(): boolean {
    return this.#truth.victims.every((victim) => this.#evidence.showsVictim(victim));
  }

  get #freedAddressIsShown(): boolean {
    const { freedAddress } = this.#truth;
    return freedAddress !== undefined && this.#evidence.showsAddress(freedAddress);
  }

  /** By memory, where the bug check does not say it. */
  #kindIsShown(): boolean {
    const { kind, damage, block } = this.#truth;
    switch (kind) {
      case 'pool-overrun':
      case 'pool-underrun':
      case 'use-after-free':
        return this.#blockIsShown && (damage === undefined || this.#damageIsShown);
      case 'double-free':
        return this.#blockIsShown && this.#freedAddressIsShown && this.#freesAreShown;
      case 'invalid-free':
        return this.#freedAddressIsShown && (block === undefined ? this.#placeIsShown : this.#blockIsShown);
      case 'stray-write':
      case 'single-bit-error':
      case 'pool-header-corruption':
        return this.#damageIsShown && this.#victimsAreShown;
      case 'pool-misuse':
        return this.#blockIsShown || this.#evidence.showsTracker;
      case 'not-pool':
        return this.#isElsewhere();
    }
  }

  /**
   * Nothing in a block counts its frees. One that had another owner in between looks as if the owner had freed it, or somebody
   * with a wrong tag: only the log tells of both frees, a pointer that the culprit has to memory which is not its own, or the
   * culprit on the stack of a free of a block whose tag another image alone names.
   */
  get #freesAreShown(): boolean {
    const { victims, culprit, block } = this.#truth;
    if (victims.length === 0 || this.#logIsShown) return true;
    const image = this.#imageOf(culprit);
    if (image === undefined || block === undefined) return false;
    const owner = this.#evidence.ownerOf(block);
    const isOther = this.#stated === 'pool-misuse' && owner !== undefined && owner !== image;
    return (
      (isOther && this.#evidence.stackLeadsTo(image)) || this.#evidence.strangerPointsTo(block) === image
    );
  }

  #imageOf(culprit: string | undefined): BuiltImage | undefined {
    return this.#machine.images.list.find(({ image }) => image.spec.name === culprit)?.image;
  }

  get #placeIsShown(): boolean {
    const { freedAddress } = this.#truth;
    return this.#dump !== 'triage' && freedAddress !== undefined && this.#evidence.showsPlace(freedAddress);
  }

  /**
   * A pool that is there can be called whole. Without it a fault is clear where its address alone is wrong, whatever the pool
   * holds: next to zero, in an image, or none.
   */
  #isElsewhere(): boolean {
    const { bugCheck, images, truth } = this.#machine;
    if (isPoolBugCheck(bugCheck.code)) return false;
    if (this.#evidence.showsPool) return true;
    if (this.#dump !== 'triage') return false;
    const address = truth.fault?.address ?? 0n;
    const inImage = images.list.some(
      ({ image }) => address >= image.spec.base && address < image.spec.base + BigInt(image.size),
    );
    return address < 0x1_0000n || inImage;
  }

  /** The driver is on the list of unloaded ones, and the bug check names an address where it was. */
  #unloadedIsNamed(culprit: string): boolean {
    const { unloadedDrivers, bugCheck } = this.#machine;
    const gone = unloadedDrivers.filter(({ name }) => name === culprit);
    return gone.some(({ start, end }) => bugCheck.parameters.some((value) => value >= start && value < end));
  }

  #culpritIsShown(): boolean {
    const { kind, culprit, block, damage } = this.#truth;
    if (culprit === undefined) return true;
    const image = this.#imageOf(culprit);
    if (image === undefined) return this.#unloadedIsNamed(culprit);
    const evidence = this.#evidence;
    return (
      evidence.stackLeadsTo(image) ||
      evidence.bugCheckLeadsTo(image) ||
      (block !== undefined && evidence.logLeadsTo(image, block)) ||
      (block !== undefined && this.#blockIsShown && evidence.strangerPointsTo(block) === image) ||
      (kind === 'pool-misuse' && block === undefined && evidence.showsImage(image)) ||
      (this.#tagIsShown && block !== undefined && evidence.tagLeadsTo(image, block.tag)) ||
      (this.#damageIsShown && damage !== undefined && evidence.damageLeadsTo(image, damage))
    );
  }
}
