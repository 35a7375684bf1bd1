import type {
  IMAGE_FILE_HEADER,
  IMAGE_OPTIONAL_HEADER32,
  IMAGE_OPTIONAL_HEADER64,
  StructView,
} from '../layouts/index.ts';

/** The fields of an image's headers that nothing but a listing of them needs. Versions are major and minor. */
export interface HeaderDetails {
  readonly sectionCount: number;
  readonly symbolTableOffset: number;
  readonly symbolCount: number;
  readonly optionalHeaderSize: number;
  /** 0x10b or 0x20b. */
  readonly magic: number;
  readonly linkerVersion: readonly [number, number];
  readonly codeSize: number;
  readonly initializedDataSize: number;
  readonly uninitializedDataSize: number;
  readonly codeBase: number;
  readonly sectionAlignment: number;
  readonly fileAlignment: number;
  readonly systemVersion: readonly [number, number];
  readonly imageVersion: readonly [number, number];
  readonly subsystemVersion: readonly [number, number];
  readonly stackReserve: bigint;
  readonly stackCommit: bigint;
  readonly heapReserve: bigint;
  readonly heapCommit: bigint;
  readonly dllCharacteristics: number;
}

type FileHeader = StructView<typeof IMAGE_FILE_HEADER.fields>;
type OptionalHeader = StructView<
  typeof IMAGE_OPTIONAL_HEADER32.fields | typeof IMAGE_OPTIONAL_HEADER64.fields
>;

export function decodeHeaderDetails(file: FileHeader, view: OptionalHeader): HeaderDetails {
  return {
    sectionCount: file.get('NumberOfSections'),
    symbolTableOffset: file.get('PointerToSymbolTable'),
    symbolCount: file.get('NumberOfSymbols'),
    optionalHeaderSize: file.get('SizeOfOptionalHeader'),
    magic: view.get('Magic'),
    linkerVersion: [view.get('MajorLinkerVersion'), view.get('MinorLinkerVersion')],
    codeSize: view.get('SizeOfCode'),
    initializedDataSize: view.get('SizeOfInitializedData'),
    uninitializedDataSize: view.get('SizeOfUninitializedData'),
    codeBase: view.get('BaseOfCode'),
    sectionAlignment: view.get('SectionAlignment'),
    fileAlignment: view.get('FileAlignment'),
    systemVersion: [view.get('MajorOperatingSystemVersion'), view.get('MinorOperatingSystemVersion')],
    imageVersion: [view.get('MajorImageVersion'), view.get('MinorImageVersion')],
    subsystemVersion: [view.get('MajorSubsystemVersion'), view.get('MinorSubsystemVersion')],
    stackReserve: BigInt(view.get('SizeOfStackReserve')),
    stackCommit: BigInt(view.get('SizeOfStackCommit')),
    heapReserve: BigInt(view.get('SizeOfHeapReserve')),
    heapCommit: BigInt(view.get('SizeOfHeapCommit')),
    dllCharacteristics: view.get('DllCharacteristics'),
  };
}
