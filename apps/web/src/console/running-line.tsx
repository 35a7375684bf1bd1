import { useEffect, useState } from 'preact/hooks';
import { useApp } from '../app/app-context.ts';
import { amountText } from '../app/progress.ts';

/** Milliseconds; what is done before needs no progress. */
const patience = 500;

/** What runs, how far it is, and the way to stop it. It keeps its room, so that nothing moves. */
export function RunningLine() {
  const app = useApp();
  const running = app.console.running.value;
  const [isLong, setLong] = useState(false);
  useEffect(() => {
    setLong(false);
    if (running === undefined) return undefined;
    const timer = setTimeout(() => setLong(true), patience);
    return () => clearTimeout(timer);
  }, [running?.startedAt]);
  return (
    <div class="running" role="status">
      {running !== undefined && isLong && (
        <>
          <span class="dim">
            {running.progress === undefined
              ? 'working'
              : `${running.progress.what} ${amountText(running.progress)}`}
          </span>{' '}
          <button type="button" class="quiet stop" onClick={() => app.console.interrupt()}>
            Stop (Ctrl-C)
          </button>
        </>
      )}
    </div>
  );
}
