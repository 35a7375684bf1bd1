import type { Va } from '../../base/index.ts';
import type { CrashedSystem } from '../../system/index.ts';
import { isReporter } from '../kernel-modules.ts';

/** The file name of a loaded module, whose own name has no extension. */
export const imageNamed = ({ modules }: CrashedSystem, name: string): string =>
  modules.find((each) => each.name === name)?.image ?? name;

/** The loaded module around an address; `image` is undefined where the list of modules does not have it. */
export interface ModuleAt {
  readonly name: string;
  readonly image: string | undefined;
  /** Does it report crashes of others? */
  readonly reports: boolean;
}

export function moduleAt({ symbols, modules }: CrashedSystem, at: Va): ModuleAt | undefined {
  const module = symbols.locate(at)?.module;
  if (module === undefined) return undefined;
  const image = modules.find(({ base }) => base === module.base)?.image;
  return { name: module.name, image, reports: isReporter(module.name) };
}

/** The file name of the driver around an address; undefined for the kernel and what reports for it. */
export function driverAt(system: CrashedSystem, at: Va): string | undefined {
  const module = moduleAt(system, at);
  return module === undefined || module.reports ? undefined : module.image;
}
