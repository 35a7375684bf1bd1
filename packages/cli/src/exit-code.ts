/** Exit codes that other programs rely on. */
export const exitCode = {
  /** Answered, whatever the verdict. */
  answered: 0,
  /** Some file could not be read as a kernel dump. */
  unreadable: 1,
  usage: 2,
  bug: 3,
  /** Stopped by Ctrl-C: 128 and the number of SIGINT, as shells have it. */
  interrupted: 130,
} as const;
