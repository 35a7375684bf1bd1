import { analyzePage, DebuggerError, lineText, openSession } from '@poolscope/engine';

/**
 * A file of the page as the engine reads it: synchronously, and only the pieces that are asked for.
 * @implements {import('@poolscope/engine').ByteSource}
 */
class BlobSource {
  #reader = new FileReaderSync();
  #blob;

  /** @param {Blob} blob */
  constructor(blob) {
    this.#blob = blob;
    this.size = blob.size;
  }

  /**
   * @param {number} offset
   * @param {Uint8Array} target
   */
  readInto(offset, target) {
    const piece = this.#blob.slice(offset, offset + target.length);
    const bytes = new Uint8Array(this.#reader.readAsArrayBuffer(piece));
    target.set(bytes);
    return bytes.length;
  }
}

self.addEventListener('message', ({ data: file }) => void answer(file));

/** @param {File} file */
async function answer(file) {
  try {
    const session = await openSession(new BlobSource(file), { path: file.name });
    const { report } = session.analyze();
    self.postMessage(analyzePage(report, { program: 'poolscope' }).map(lineText).join('\n'));
  } catch (error) {
    if (!(error instanceof DebuggerError)) throw error;
    self.postMessage(`${error.message}\n${error.remedy}`);
  }
}
