import { Fault } from '../base/index.ts';
import {
  IMAGE_LOAD_CONFIG_DIRECTORY32,
  IMAGE_LOAD_CONFIG_DIRECTORY64,
  type Layout,
  StructView,
} from '../layouts/index.ts';
import { DirectoryIndex, type ImageHeaders, readDirectory, readImageHeaders } from './headers.ts';
import { ImageProblem, type ImageReader } from './image-reader.ts';

/** What the loader has to know of an image, as far as it says what the loader changes. */
export interface LoadConfiguration {
  /** RVAs of variables that the loader sets: the security cookie and the pointers of control flow guard. */
  readonly setByLoader: readonly number[];
  /** RVA of the dynamic relocation table. */
  readonly dynamicRelocations: number | undefined;
}

type Configuration = Layout<
  typeof IMAGE_LOAD_CONFIG_DIRECTORY32.fields | typeof IMAGE_LOAD_CONFIG_DIRECTORY64.fields
>;
type View = StructView<Configuration['fields']>;

/** The load configuration of an image file: its pointers are relative to ImageBase there. */
export function readLoadConfiguration(image: ImageReader): LoadConfiguration | ImageProblem {
  const headers = readImageHeaders(image);
  if (headers instanceof ImageProblem) return headers;
  const directory = readDirectory(image, DirectoryIndex.LoadConfiguration);
  if (directory instanceof ImageProblem) return directory;
  const of = headers.pointerSize === 8 ? IMAGE_LOAD_CONFIG_DIRECTORY64 : IMAGE_LOAD_CONFIG_DIRECTORY32;
  const read = image.tryReadRva(directory.rva, of.size);
  const got = read instanceof Fault ? read.got : read;
  if (got.length < 4) return ImageProblem.absent('the load configuration', read as Fault);
  // The directory's size is too small in old images; the structure says its own.
  const own = new StructView(of as Configuration, got).get('Size');
  const view: View = new StructView(of as Configuration, got.subarray(0, own));
  const pointers = [
    'SecurityCookie',
    'GuardCFCheckFunctionPointer',
    'GuardCFDispatchFunctionPointer',
  ] as const;
  return {
    setByLoader: pointers
      .map((name) => (view.has(name) ? Number(BigInt(view.get(name)) - headers.imageBase) : 0))
      .filter((rva) => rva > 0 && rva < headers.sizeOfImage),
    dynamicRelocations: dynamicTable(view, headers),
  };
}

/** The table's place is given by a section, counted from 1, and an offset in it. */
function dynamicTable(view: View, { sections }: ImageHeaders): number | undefined {
  if (!view.has('DynamicValueRelocTableSection')) return undefined;
  const section = sections[view.get('DynamicValueRelocTableSection') - 1];
  const offset = view.get('DynamicValueRelocTableOffset');
  return section === undefined || offset === 0 || offset >= section.size ? undefined : section.rva + offset;
}
