/** A plugin of Rollup's form that makes iced-x86 a module for browsers. With `inline` its WebAssembly is part of the script. */
export declare function icedModule(options?: { readonly inline?: boolean }): {
  name: string;
  enforce: 'pre';
  resolveId(source: string): string | undefined;
  load(asked: string): string | undefined;
};
