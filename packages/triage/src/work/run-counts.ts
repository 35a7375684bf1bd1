/** How far a run is. */
export class RunCounts {
  filesFound = 0;
  /** Are all files found already? */
  isAllFound = false;
  filesDone = 0;
  /** Files that an earlier run was done with. */
  resumed = 0;
  /** Dumps in those that gave no report then. */
  withoutBefore = 0;
  analyzed = 0;
  /** Dumps that have a result already: met before, here or in another file. */
  known = 0;
  /** No readable kernel dump. */
  refused = 0;
  /** Crashed the analysis, or took too long or too much memory. */
  failed = 0;
  /** Files that could not be read. */
  problems = 0;

  /** A worker on another machine met such a file. */
  isShortElsewhere = false;

  /** Did some file or dump give no report, now or before? */
  get isShort(): boolean {
    return this.isShortElsewhere || this.problems + this.refused + this.failed + this.withoutBefore > 0;
  }
}
