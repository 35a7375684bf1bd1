import type { Line } from '@poolscope/engine';
import { LineView } from './line-view.tsx';

/** Lines of a command, as the console shows them. */
export const LinesView = ({ lines }: { readonly lines: readonly Line[] }) => (
  <pre class="lines">
    {lines.map((line, index) => (
      <div key={index}>
        <LineView line={line} />
      </div>
    ))}
  </pre>
);
