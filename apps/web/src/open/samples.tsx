import { useState } from 'preact/hooks';
import { useApp } from '../app/app-context.ts';
import { linkTo } from '../app/route.ts';
import { playScenario } from '../views/lab/lab-link.ts';

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
  const open = async (name: string) => {
    setPlaying(name);
    try {
      const { dump, fileName } = await playScenario({ name, kind: 'bitmap-kernel' });
      await app.open(dump, fileName);
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
      <p class="dim">
        A simulated machine runs a faulty driver in this browser until it stops.{' '}
        <a href={linkTo('lab')}>The lab</a> has some seventy such stories.
      </p>
    </section>
  );
}
