import { type Block, type ClassicReport, lineText, type Session } from '@poolscope/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { hasShared, openShared, sharedText } from '../shared-files.ts';

/** Blocks of the real report whose facts ours has to have, with what the dump adds to a line of ours taken away. */
const compared = [
  'BUGCHECK_CODE',
  'BUGCHECK_P1',
  'BUGCHECK_P2',
  'BUGCHECK_P3',
  'BUGCHECK_P4',
  'FILE_IN_CAB',
  'DUMP_FILE_ATTRIBUTES',
  'PROCESS_NAME',
  'STACK_TEXT',
  'MODULE_NAME',
  'OSPLATFORM_TYPE',
  'OSNAME',
  'KEY_VALUES_STRING',
];

/** Blocks of the real report that ours lacks or words otherwise, and why. */
const notKnown: Readonly<Record<string, string>> = {
  VIRTUAL_MACHINE: 'a guess by the vendor that secondary data name; their layout is not public',
  BLACKBOXBSD: 'the GUIDs of these records are not public',
  BLACKBOXNTFS: 'the GUIDs of these records are not public',
  BLACKBOXWINLOGON: 'the GUIDs of these records are not public',
  CUSTOMER_CRASH_COUNT: 'a count that the debugger keeps, not the dump',
  SYMBOL_NAME: 'the function is not exported: its name needs symbols of nt',
  BUCKET_ID_FUNC_OFFSET: 'the function is not exported: its start needs symbols of nt',
  IMAGE_NAME: 'the debugger takes it from the PDB; the dump has the name nt was loaded under',
  IMAGE_VERSION: 'the version resource of nt is not in this dump',
  STACK_COMMAND: 'ours are the commands that show the stack in this console',
  FAILURE_BUCKET_ID: 'ours is the signature of poolscope',
  FAILURE_ID_HASH: 'a hash that only the debugger can make',
};

/** Keys likewise. */
const comparedKeys = [
  'Bugcheck.Code.LegacyAPI',
  'Dump.Attributes.AsUlong',
  'Dump.Attributes.KernelGeneratedTriageDump',
];
const notKnownKeys: readonly (readonly [RegExp, string])[] = [
  [/^Analysis\./, "the debugger's own run time"],
  [/^Failure\./, 'its bucket and hash, see above'],
  [/^Hypervisor\./, 'private variables of nt, whose addresses need symbols'],
];

/** `NAME: value` of the lines that begin with a block's name. */
const realBlocks = (real: string): Map<string, string> =>
  new Map(
    [...real.matchAll(/^([A-Z][A-Z0-9_]+):[ \t]*(.*)$/gm)].map(([, name, value]) => [name!, value!.trim()]),
  );

const realKeys = (real: string): Map<string, string> =>
  new Map(
    [...real.matchAll(/^Key {2}: (\S+)\nValue: (.*)$/gm)].map(([, key, value]) => [key!, value!.trim()]),
  );

const number = (text: string): bigint => BigInt(`0x${text.replace('`', '')}`);

/** Stack pointer, return address and four words of each line of STACK_TEXT. */
const realFrames = (real: string) =>
  [
    ...real.matchAll(
      /^([0-9a-f`]{17}) ([0-9a-f`]{17}) +: ([0-9a-f`]{17}) ([0-9a-f`]{17}) ([0-9a-f`]{17}) ([0-9a-f`]{17}) : (.*)$/gm,
    ),
  ].map(([, sp, ret, ...rest]) => ({
    sp: number(sp!),
    returnAddress: number(ret!),
    words: rest.slice(0, 4).map((word) => number(word)),
  }));

describe.skipIf(!hasShared)("notmyfault_4a: our report against the real debugger's", () => {
  let session: Session;
  let report: ClassicReport;
  let real: string;
  let ours: string;
  beforeAll(async () => {
    session = await openShared('notmyfault_4a/083125-14875-01.dmp');
    report = session.classicReport();
    real = sharedText('dumps/notmyfault_4a/analyze_v.txt').replaceAll('\r', '');
    ours = session
      .execute('!analyze -v')
      .lines.map((line) => lineText(line).trimEnd())
      .join('\n');
  });

  const valueOf = (name: string): Block['value'] | undefined =>
    report.blocks.find((block) => block.name === name)?.value;

  it('has each of its blocks, or says why not', () => {
    const accounted = new Set([...compared, ...Object.keys(notKnown)]);
    expect([...realBlocks(real).keys()].filter((name) => !accounted.has(name))).toEqual([]);
    expect([...accounted].filter((name) => !realBlocks(real).has(name))).toEqual([]);
    expect(compared.filter((name) => valueOf(name) === undefined)).toEqual([]);
  });

  it('has each of its keys, or says why not', () => {
    const others = [...realKeys(real).keys()].filter((key) => !comparedKeys.includes(key));
    expect(others.filter((key) => !notKnownKeys.some(([pattern]) => pattern.test(key)))).toEqual([]);
    const keys = valueOf('KEY_VALUES_STRING');
    const known = new Map(keys?.kind === 'keys' ? keys.keys : []);
    expect(comparedKeys.map((key) => known.get(key))).toEqual(
      comparedKeys.map((key) => realKeys(real).get(key)),
    );
  });

  it('begins with the same name and arguments', () => {
    const argumentsOf = (text: string) =>
      [...text.matchAll(/^Arg\d: ([0-9a-f]{16}),/gm)].map(([, value]) => value);
    expect(/^\w+ \(4a\)$/m.exec(ours)![0]).toBe(/^\w+ \(4a\)$/m.exec(real)![0]);
    expect(argumentsOf(ours)).toEqual(argumentsOf(real));
    expect(argumentsOf(real)).toHaveLength(4);
  });

  it.each(compared.filter((name) => !['STACK_TEXT', 'KEY_VALUES_STRING', 'MODULE_NAME'].includes(name)))(
    '%s is the same',
    (name) => {
      expect(realBlocks(ours).get(name)).toBe(realBlocks(real).get(name));
    },
  );

  it('names the attributes of the file in the same words', () => {
    const wordsOf = (text: string) => /^DUMP_FILE_ATTRIBUTES: 0x8\s+([A-Z].*)$/m.exec(text)![1];
    expect(wordsOf(ours)).toBe(wordsOf(real));
  });

  it('names no driver: the same module, with its reserve', () => {
    expect(realBlocks(real).get('MODULE_NAME')).toBe('nt');
    expect(realBlocks(ours).get('MODULE_NAME')).toBe('nt (no driver is surely on the stack)');
    expect(report.followup?.by).toBe('kernel');
  });

  it('has its frames: stack pointers, return addresses and the words where arguments may be', () => {
    const theirs = realFrames(real);
    expect(theirs).toHaveLength(4);
    const stack = valueOf('STACK_TEXT');
    const frames = stack?.kind === 'stack' ? stack.frames : [];
    const pairs = theirs.flatMap((frame) => {
      const mine = frames.find(({ sp }) => sp === frame.sp);
      return mine === undefined ? [] : [{ mine, frame }];
    });
    // The walk finds the first three and the user frame; each of them has to agree in what the dump holds.
    expect(pairs.length).toBeGreaterThanOrEqual(2);
    for (const { mine, frame } of pairs) {
      if (mine.returnAddress !== undefined) expect(mine.returnAddress).toBe(frame.returnAddress);
      const words = mine.arguments.map((word, index) => word ?? frame.words[index]);
      expect(words).toEqual(frame.words);
    }
    expect(pairs.some(({ mine }) => mine.arguments.every((word) => word !== undefined))).toBe(true);
  });
});
