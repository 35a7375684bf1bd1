import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { defaultCache } from './default-cache.ts';
import { NodeSymbolSource, type SourceOptions } from './node-symbol-source.ts';
import type { Reporter } from './reporter.ts';
import { type Attempt, outcomeText } from './search-log.ts';
import { StderrReporter } from './stderr-reporter.ts';
import { type PathElement, type PathOptions, parseSymbolPath, type SymbolPath } from './symbol-path.ts';

export interface SymbolFlags {
  /** Folders, or symbol paths in the debugger's form. */
  readonly symbols: readonly string[];
  /** Say on stderr where was looked. */
  readonly verbose?: boolean;
}

/** Variables that debuggers read, in the order in which their paths are searched. Source: Microsoft's page on them. */
const pathVariables = ['_NT_ALT_SYMBOL_PATH', '_NT_SYMBOL_PATH'];
const imageVariable = '_NT_EXECUTABLE_IMAGE_PATH';

/** What a search is made with, besides the places. */
export type PlaceOptions = Partial<SourceOptions> & { readonly env?: NodeJS.ProcessEnv };

/** Symbols as the options and the environment say: options first. Undefined where neither names a place. */
export function openSymbolSource(
  flags: SymbolFlags,
  options: PlaceOptions = {},
): NodeSymbolSource | undefined {
  const places = symbolPlaces(flags, options);
  const isNowhere = places.elements.length === 0 && (places.imageFolders ?? []).length === 0;
  return isNowhere ? undefined : new NodeSymbolSource(places);
}

/** The places that the options and the environment name, in their order. */
export function symbolPlaces(
  flags: SymbolFlags,
  { env = process.env, reporter = new StderrReporter(), ...rest }: PlaceOptions,
): SourceOptions {
  const pathOptions = { defaultCache: defaultCache(env) };
  const elements = [
    ...flags.symbols.flatMap((text) => fromOption(text, pathOptions, reporter)),
    ...pathVariables.flatMap((name) => fromPath(env[name] ?? '', name, pathOptions, reporter)),
  ];
  const imageFolders = fromPath(env[imageVariable] ?? '', imageVariable, pathOptions, reporter)
    .filter((element) => element.kind === 'folder')
    .map(({ path }) => path);
  const onAttempt = flags.verbose === true ? { onAttempt: sayAttempt(reporter) } : {};
  return { elements, imageFolders, reporter, ...onAttempt, ...rest };
}

/** A path that was typed in a console. */
export const readPath = (text: string, { env = process.env }: PlaceOptions): SymbolPath =>
  parseSymbolPath(text, { defaultCache: defaultCache(env) });

/** A folder, though its name may look like a symbol path. */
function fromOption(text: string, options: PathOptions, reporter: Reporter): readonly PathElement[] {
  const isPath = /[*]|^https?:\/\//i.test(text) && !existsSync(text);
  return isPath ? fromPath(text, '--symbols', options, reporter) : [{ kind: 'folder', path: resolve(text) }];
}

function fromPath(
  text: string,
  from: string,
  options: PathOptions,
  reporter: Reporter,
): readonly PathElement[] {
  const { elements, problems } = parseSymbolPath(text, options);
  for (const problem of problems) reporter.problem(`${from}: ${problem}`);
  return elements;
}

const sayAttempt = (reporter: Reporter) => (module: string, attempt: Attempt) =>
  reporter.problem(`${module}: ${attempt.kind} ${attempt.where}: ${outcomeText(attempt)}`);
