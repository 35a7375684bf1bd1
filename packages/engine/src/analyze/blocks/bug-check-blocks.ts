import { prefixHex, readU32 } from '../../base/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import { fastFailName } from '../../windows/index.ts';
import { type Block, block, number, text } from './block.ts';
import { parseBuildText } from './build-text.ts';
import { attributeNames, attributeWords } from './dump-attributes.ts';

const securityCheck = 0x139;

/** What the dump says of itself and of the bug check. `path` is what the user called the file. */
export function bugCheckBlocks(system: CrashedSystem, path: string): Block[] {
  const { bugCheckCode, bugCheckParameters, attributes } = system.target.dump.header;
  const wide = system.target.pointerSize === 8;
  return [
    ...block('KEY_VALUES_STRING', { kind: 'keys', keys: keysOf(system) }),
    ...block('BUGCHECK_CODE', number(BigInt(bugCheckCode))),
    ...bugCheckParameters.flatMap((value, index) =>
      block(`BUGCHECK_P${index + 1}`, number(wide ? value : value & 0xffff_ffffn)),
    ),
    ...block('FILE_IN_CAB', text(fileName(path))),
    ...block(
      'DUMP_FILE_ATTRIBUTES',
      attributes === undefined
        ? undefined
        : { kind: 'attributes', value: attributes, names: attributeWords(attributes) },
    ),
  ];
}

const fileName = (path: string): string =>
  path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);

/** Few of the debugger's keys: those whose values the dump tells. */
function keysOf(system: CrashedSystem): (readonly [string, string])[] {
  const { attributes, bugCheckCode } = system.target.dump.header;
  const inMemory = codeInMemory(system);
  return [
    ...(inMemory === undefined ? [] : [['Bugcheck.Code.KiBugCheckData', prefixHex(inMemory)] as const]),
    ['Bugcheck.Code.LegacyAPI', prefixHex(bugCheckCode)],
    ...attributeKeys(attributes),
    ...failFastKeys(system),
    ...buildKeys(system.info.buildText?.value),
  ];
}

/** The code as the kernel keeps it: nt!KiBugCheckData begins with it. */
function codeInMemory({ data, target }: CrashedSystem): number | undefined {
  const variable = data?.value.address('KiBugCheckData');
  const bytes = variable === undefined ? undefined : target.readBytes(variable, 4);
  return bytes === undefined ? undefined : readU32(bytes, 0);
}

function attributeKeys(attributes: number | undefined): (readonly [string, string])[] {
  if (attributes === undefined) return [];
  const names = attributeNames(attributes).sort();
  return [
    ['Dump.Attributes.AsUlong', attributes.toString(16)],
    ...names.map((name) => [`Dump.Attributes.${name}`, '1'] as const),
  ];
}

function failFastKeys({ bugCheck, bugCheckFacts }: CrashedSystem): (readonly [string, string])[] {
  const [code] = bugCheckFacts.parameters;
  const name = bugCheck.baseCode === securityCheck ? fastFailName(code) : undefined;
  return name === undefined
    ? []
    : [
        ['FailFast.Name', name],
        ['FailFast.Type', code.toString()],
      ];
}

function buildKeys(buildText: string | undefined): (readonly [string, string])[] {
  const parts = buildText === undefined ? undefined : parseBuildText(buildText);
  if (parts === undefined) return [];
  const { branch, built, version } = parts;
  return [
    ['WER.OS.Branch', branch],
    ...(built === undefined ? [] : [['WER.OS.Timestamp', built] as const]),
    ...(version === undefined ? [] : [['WER.OS.Version', version] as const]),
  ];
}
