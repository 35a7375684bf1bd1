import type { Machine } from '@poolscope/lab';
import {
  ByteWriter,
  ModuleWriter,
  nameOffsets,
  TypeWriter,
  writeLines,
  writePdb,
} from './pdb-writer/index.ts';

type LabImage = Machine['images']['list'][number]['image'];
type LabFunction = ReturnType<LabImage['function']>;

export interface LabPdbOptions {
  /** How x86 frames are described: by programs, or by FPO_DATA alone. Trap handlers always are by FPO_DATA. */
  readonly frames?: 'programs' | 'sizes';
}

const registerNumbers: Readonly<Record<string, string>> = { ebx: '$20', esi: '$23', edi: '$24', ebp: '$ebp' };
/** Lines of the made-up source are so many bytes of code each, behind a prolog that is one. */
const bytesPerLine = 8;
const linesPerFunction = 100;

/** Private symbols for an image of the lab: procedures with lines, and frames of x86. */
export function writeLabPdb(image: LabImage, options: LabPdbOptions = {}): Uint8Array {
  const { spec } = image;
  const functions = spec.functions.map(({ name }) => image.function(name)).sort((a, b) => a.rva - b.rva);
  const rva = 0x1000;
  const extent = ({ rva: at, size: length }: LabFunction) => ({ section: 1, offset: at - rva, length });
  const module = new ModuleWriter();
  for (const each of functions) {
    module.procedure(each.spec.name, extent(each));
    module.end();
  }
  const source = `d:\\src\\${spec.module}\\${spec.module}.c`;
  const names = [source, ...new Set(functions.map(programOf).filter((program) => program !== ''))];
  const offsets = nameOffsets(names);
  const isX86 = spec.architecture === 'x86';
  const usesPrograms = isX86 && options.frames !== 'sizes';
  const described = (each: LabFunction) => usesPrograms && programOf(each) !== '';
  return writePdb({
    guid: guidBytes(spec.pdb.guid),
    age: spec.pdb.age,
    machine: { x64: 0x8664, x86: 0x14c, arm64: 0xaa64 }[spec.architecture],
    sections: [{ rva, size: image.size - rva }],
    names,
    types: new TypeWriter().stream(),
    items: new TypeWriter().stream(),
    publics: [...image.symbols].map(([name, at]) => ({ name, section: 1, offset: at - rva })),
    modules: [
      {
        name: `${spec.module}.obj`,
        symbols: module.bytes(),
        lines: writeLines(
          [offsets[0]!],
          functions.map((each, index) => ({ ...extent(each), lines: linesOf(each, index) })),
        ),
        contributions: [{ section: 1, offset: 0, size: image.size - rva }],
      },
    ],
    ...(isX86 ? { fpo: writeSizes(functions.filter((each) => !described(each))) } : {}),
    ...(usesPrograms
      ? { newFpo: writePrograms(functions.filter(described), (program) => offsets[names.indexOf(program)]!) }
      : {}),
  });
}

function linesOf({ size, spec }: LabFunction, index: number): { at: number; line: number }[] {
  const first = (index + 1) * linesPerFunction;
  const lines = [{ at: 0, line: first }];
  for (let at = spec.prologSize; at < size; at += bytesPerLine)
    if (at > 0) lines.push({ at, line: first + lines.length });
  return lines;
}

interface LabStep {
  readonly op: 'frame' | 'allocate' | 'push' | 'trapFrame';
  readonly size?: number;
  readonly register?: string;
}

const stepsOf = ({ spec }: LabFunction): readonly LabStep[] => spec.prolog as readonly LabStep[];
const localsOf = (each: LabFunction): number =>
  stepsOf(each).reduce((sum, { op, size }) => sum + (op === 'allocate' ? size! : 0), 0);
const savedBy = (each: LabFunction): string[] =>
  stepsOf(each).flatMap(({ op, register }) => (op === 'push' ? [register!] : []));
const hasStep = (each: LabFunction, op: LabStep['op']): boolean =>
  stepsOf(each).some((step) => step.op === op);

/** As compilers write it; empty for trap handlers, which none describes. */
function programOf(each: LabFunction): string {
  if (hasStep(each, 'trapFrame')) return '';
  const saved = savedBy(each).map(
    (register, index) => ` ${registerNumbers[register]} $T0 ${localsOf(each) + 4 * (index + 1)} - ^ = `,
  );
  const frame = hasStep(each, 'frame')
    ? '$T0 $ebp = $eip $T0 4 + ^ = $ebp $T0 ^ = $esp $T0 8 + = '
    : '$T0 .raSearch = $eip $T0 ^ = $esp $T0 4 + = ';
  return frame + saved.join('');
}

function writePrograms(functions: readonly LabFunction[], offsetOf: (program: string) => number): Uint8Array {
  const out = new ByteWriter();
  for (const each of functions) {
    out.u32(each.rva, each.size, localsOf(each), 0, 0, offsetOf(programOf(each)));
    out.u16(each.spec.prologSize, savedBy(each).length * 4).u32(4);
  }
  return out.bytes();
}

function writeSizes(functions: readonly LabFunction[]): Uint8Array {
  const out = new ByteWriter();
  for (const each of functions) {
    const saved = savedBy(each);
    const type = hasStep(each, 'trapFrame') ? 1 : hasStep(each, 'frame') ? 3 : 0;
    const usesEbp = saved.includes('ebp') ? 0x10 : 0;
    out.u32(each.rva, each.size, localsOf(each) / 4).u16(0);
    out.u8(each.spec.prologSize, saved.length | usesEbp | (type << 6));
  }
  return out.bytes();
}

/** Data1 to Data3 are numbers, Data4 bytes. */
export function guidBytes(text: string): Uint8Array {
  const bytes = Buffer.from(text.replaceAll('-', ''), 'hex');
  return Uint8Array.from([3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15], (at) => bytes[at]!);
}
