import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { amountText } from '../app/progress.ts';
import type { Asked } from '../app/use-call.ts';
import type { ErrorFacts, ProgressFacts } from '../protocol/messages.ts';

/** Shows an answer, or that it is waited for, or why there is none. */
export function Answer<Value>({
  asked,
  children,
}: {
  readonly asked: Asked<Value>;
  readonly children: (value: Value) => ComponentChildren;
}) {
  if (asked.state === 'here') return <>{children(asked.value)}</>;
  if (asked.state === 'failed') return <ErrorNote error={asked.error} />;
  return asked.last === undefined ? (
    <Waiting progress={asked.progress} onStop={asked.stop} />
  ) : (
    <>{children(asked.last)}</>
  );
}

export function ErrorNote({ error }: { readonly error: ErrorFacts }) {
  if (error.code === 'CANCELLED') return <Empty>Stopped.</Empty>;
  return (
    <div class="note error" role="alert">
      <p>{error.message}</p>
      {error.remedy !== '' && <p class="dim">{error.remedy}</p>}
    </div>
  );
}

/** Nothing to show, and why. */
export const Empty = ({ children }: { readonly children: ComponentChildren }) => (
  <div class="note">{children}</div>
);

/** What is on its way: nothing for the first moments, so that quick answers do not flicker. */
export function Waiting({
  progress,
  onStop,
}: {
  readonly progress: ProgressFacts | undefined;
  readonly onStop: () => void;
}) {
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 300);
    return () => clearTimeout(timer);
  }, []);
  if (!isLate) return <div class="waiting" />;
  return (
    <div class="waiting" role="status">
      {progress === undefined ? 'reading' : `${progress.what} ${amountText(progress)}`}{' '}
      <button type="button" class="quiet stop" onClick={onStop}>
        Stop
      </button>
    </div>
  );
}
