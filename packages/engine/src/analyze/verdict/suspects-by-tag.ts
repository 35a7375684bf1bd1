import type { Va } from '../../base/index.ts';
import { runToEnd, searchMemory, valuePattern } from '../../memory/index.ts';
import type { TagOwners, TagUser } from '../../pool/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import { isReporter } from '../kernel-modules.ts';
import type { SuspectReason } from './finding.ts';
import { imageNamed } from './images.ts';
import type { Scene } from './scene.ts';
import { usersOfTag } from './tag-users.ts';

/** A tag that so many modules name says nothing of who allocated a block. */
const mostUsers = 6;

/** Modules whose code names a tag, or that the table of tags names; for blocks without a tag, those that allocate so. */
export function suspectsByTag({ system, owners }: Scene, tag: string): SuspectReason[] {
  const users = usersOfTag(system, tag);
  const drivers = byModule(users.filter(({ module }) => !isReporter(module)));
  const inKernel = users.find(({ module }) => module === 'nt');
  const named =
    drivers.size > mostUsers ? [] : [...drivers].map(([name, user]) => codeReason(system, tag, name, user));
  const throughKernel = drivers.size === 0 && inKernel !== undefined ? callersOf(system, inKernel) : [];
  return [...named, ...throughKernel, ...ownerReason(system, owners, tag)];
}

function byModule(users: readonly TagUser[]): Map<string, TagUser> {
  const map = new Map<string, TagUser>();
  for (const user of users) {
    const known = map.get(user.module);
    if (known === undefined || rankOf(user) > rankOf(known)) map.set(user.module, user);
  }
  return map;
}

/** Is the tag one that blocks get there, as far as that is to be told? One who frees by it may have been handed the block. */
const isAllocation = ({ trust, use }: TagUser): boolean => trust !== 'weak' && use !== 'frees';

/** A tag that comes out of data that may change, or through a structure, says less than one that is sure. */
const isSure = ({ trust, kept }: TagUser): boolean => trust === 'strong' || kept === undefined;

const rankOf = (user: TagUser): number => (!isAllocation(user) ? 0 : isSure(user) ? 2 : 1);

const ruleOf = (user: TagUser): SuspectReason['rule'] =>
  !isAllocation(user) ? 'names-tag' : isSure(user) ? 'uses-tag' : 'keeps-tag';

const doesWhat = (user: TagUser): string =>
  isAllocation(user)
    ? 'allocates blocks tagged'
    : user.use === 'frees'
      ? 'frees blocks tagged'
      : 'names the tag';

function codeReason(system: CrashedSystem, tag: string, name: string, user: TagUser): SuspectReason {
  const at = system.symbols.nameOf(user.address) ?? system.shortText(user.address);
  return {
    module: imageNamed(system, name),
    rule: ruleOf(user),
    because: `${doesWhat(user)} ${tag.trimEnd()} at ${at}${handedOn(system, user)}`,
    ground: {
      rule: 'tag-in-code',
      claim: whereTagIs(tag.trimEnd(), imageNamed(system, name), user),
      command: `${user.kept === 'contexts' ? 'dc' : 'u'} ${system.shortText(user.address)} L4`,
    },
  };
}

/** Functions of its own that it allocates through. */
function handedOn(system: CrashedSystem, { through }: TagUser): string {
  const names = through.map(({ name, target }) => name ?? system.shortText(target));
  return names.length === 0 ? '' : `, through ${names.join(' and ')}`;
}

const whereTagIs = (tag: string, image: string, { kept, text }: TagUser): string =>
  kept === undefined
    ? `The tag ${tag} is a number in the code of ${image} (${text}).`
    : `The code of ${image} takes the tag ${tag} from ${sources[kept]} (${text}).`;

const sources: Readonly<Record<NonNullable<TagUser['kept']>, string>> = {
  constant: 'constant data',
  variable: 'a variable, which may have had another value when the block was allocated',
  table: 'a table of several',
  member: 'a member of a structure, by the offset alone',
  result: 'what a function gives back',
  contexts: 'the list of contexts that it registers',
};

/** The tag is one that an exported function of the kernel sets itself: modules that import that function. */
function callersOf(system: CrashedSystem, { address }: TagUser): SuspectReason[] {
  const place = system.symbols.locate(address);
  if (place?.name === undefined) return [];
  const start = address - BigInt(place.offset);
  const importers = system.modules.flatMap(({ name, image, base, size }) => {
    const slot = isReporter(name) ? undefined : importOf(system, start, base, size);
    return slot === undefined ? [] : [{ image, slot }];
  });
  if (importers.length > mostUsers) return [];
  return importers.map(({ image, slot }) => ({
    module: image,
    rule: importers.length === 1 ? 'uses-tag' : 'allocates-untagged',
    because: `calls nt!${place.name}, which sets this tag`,
    ground: {
      rule: 'tag-in-code',
      claim: `nt!${place.name} sets this tag; ${image} imports it${importers.length === 1 ? ', and no other driver does' : ''}.`,
      command: `u ${system.shortText(start)} L3; dps ${system.shortText(slot)} L1; lm a ${system.shortText(slot)}`,
    },
  }));
}

/** Where the address of a function is among the words of an image: most likely in its import table. */
function importOf(system: CrashedSystem, target: Va, base: Va, size: number): Va | undefined {
  const { pointerSize, memory } = { pointerSize: system.target.pointerSize, memory: system.memory };
  const pattern = valuePattern([BigInt.asUintN(pointerSize * 8, target)], pointerSize);
  const range = { start: base, end: base + BigInt(size) };
  return runToEnd(searchMemory(memory, range, pattern, { limit: 1 })).hits[0];
}

function ownerReason(system: CrashedSystem, owners: TagOwners, tag: string): SuspectReason[] {
  const owner = owners.find(tag);
  const image = owner?.binary?.toLowerCase();
  const module = system.modules.find((each) => each.image.toLowerCase() === image);
  if (owner === undefined || module === undefined || isReporter(module.name)) return [];
  return [
    { module: module.image, rule: 'owns-tag', because: `owns the tag ${tag.trimEnd()} by the table of tags` },
  ];
}
