/** The one kernel dump of an archive, found and not yet unpacked. */
export interface PackedDump {
  /** Its name, printable; empty where the archive gives none. */
  readonly name: string;
  /** Size in bytes as the archive claims it. */
  readonly size: number | undefined;
  /**
   * The unpacked bytes, once. A piece is valid until the next is asked for. The dump is right only when the last
   * piece has come: checksums stand at the end.
   */
  readonly pieces: AsyncIterable<Uint8Array>;
}
