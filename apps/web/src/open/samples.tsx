import { useState } from 'preact/hooks';
import { useApp } from '../app/app-context.ts';
import { amountText } from '../app/progress.ts';
import { linkTo } from '../app/route.ts';
import { CallError } from '../link/worker-link.ts';
import type { ProgressFacts } from '../protocol/messages.ts';
import { playScenario, stopLab } from '../views/lab/lab-link.ts';

/** Made-up crashes to begin with. */
const samples = [
  { name: 'article-1', title: 'A text longer than its block', note: 'the allocator trips over it later' },
  { name: 'double-free-late', title: 'A block freed twice', note: 'by two functions of one driver' },
  { name: 'special-overrun', title: 'Caught in the act', note: 'special pool stops the writer' },
  { name: 'slot-overrun', title: 'In a segment heap', note: 'Windows 10, an LFH slot overrun' },
] as const;

/** Dumps that the lab makes on the spot. */
export function Samples() {
  const app = useApp();
  const [playing, setPlaying] = useState('');
  const [progress, setProgress] = useState<ProgressFacts | undefined>(undefined);
  const [problem, setProblem] = useState('');
  const open = async (name: string) => {
    setPlaying(name);
    setProgress(undefined);
    setProblem('');
    try {
      const { dump, fileName } = await playScenario({ name, kind: 'bitmap-kernel' }, setProgress);
      await app.open(dump, fileName);
    } catch (error) {
      if (!(error instanceof CallError && error.isCancelled))
        setProblem(error instanceof Error ? error.message : String(error));
    } finally {
      setPlaying('');
    }
  };
  return (
    <section class="samples" aria-labelledby="samples-title">
      <h2 id="samples-title">Or look at a made-up crash</h2>
      <ul>
        {samples.map(({ name, title, note }) => (
          <li key={name}>
            <button type="button" disabled={playing !== ''} onClick={() => void open(name)}>
              <b>{title}</b>
              <span class="dim">{playing === name ? 'the machine runs ...' : note}</span>
            </button>
          </li>
        ))}
      </ul>
      {playing !== '' ? (
        <p class="dim" role="status">
          {progress === undefined ? 'starting the machine' : `${progress.what} ${amountText(progress)}`}{' '}
          <button type="button" class="quiet stop" onClick={stopLab}>
            Stop
          </button>
        </p>
      ) : (
        <p class="dim">
          A simulated machine runs a faulty driver in this browser until it stops.{' '}
          <a href={linkTo('lab')}>The lab</a> has some eighty such stories.
        </p>
      )}
      {problem !== '' && (
        <p class="note error" role="alert">
          {problem}
        </p>
      )}
    </section>
  );
}
