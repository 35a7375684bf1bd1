import { useContext } from 'preact/hooks';
import { useApp } from '../app/app-context.ts';
import { DumpHere } from './dump-here.ts';

/** A console command; a click runs it below, where the dump is here. */
export function CommandLink({ command }: { readonly command: string }) {
  const app = useApp();
  if (!useContext(DumpHere)) return <code class="command-text">{command}</code>;
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
