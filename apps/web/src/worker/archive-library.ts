/** The WebAssembly of libarchive, a file of this site. */
export async function loadArchiveLibrary(): Promise<Uint8Array> {
  const { default: url } = await import('libarchive-wasm/dist/libarchive.wasm?url');
  const answer = await fetch(url);
  return new Uint8Array(await answer.arrayBuffer());
}
