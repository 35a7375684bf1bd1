/** What the user is told about an error that is no answer. */
export function bugText(error: unknown): string {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `poolscope: this is a bug in poolscope, please report it:\n${text}\n`;
}
