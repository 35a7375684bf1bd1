import type { Report } from '@poolscope/engine';
import { CommandLink } from '../../parts/command-link.tsx';
import { LineView } from '../../parts/line-view.tsx';

/** The proof, step by step: each command shows its claim in the console. */
export function Evidence({ evidence }: { readonly evidence: Report['verdict']['evidence'] }) {
  if (evidence.length === 0) return null;
  return (
    <section aria-labelledby="evidence-title">
      <h2 id="evidence-title">Why we say so</h2>
      <ol class="evidence">
        {evidence.map(({ claim, command }) => (
          <li key={claim + command}>
            <LineView line={[claim]} /> {command !== '' && <CommandLink command={command} />}
          </li>
        ))}
      </ol>
    </section>
  );
}
