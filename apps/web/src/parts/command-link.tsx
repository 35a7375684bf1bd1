import { useApp } from '../app/app-context.ts';

/** A console command; a click runs it below. */
export function CommandLink({ command }: { readonly command: string }) {
  const app = useApp();
  return (
    <button
      type="button"
      class="command mono"
      title="run it in the console"
      onClick={() => app.runShown(command)}
    >
      {command}
    </button>
  );
}
