import { linkTo } from '../../app/route.ts';
import type { DumpLine } from '../../protocol/fleet.ts';

/** Dumps, each with what happened in it. */
export const DumpsTable = ({ dumps }: { readonly dumps: readonly DumpLine[] }) => (
  <div class="scroll-x">
    <table class="grid">
      <thead>
        <tr>
          <th scope="col">Crash</th>
          <th scope="col">Machine</th>
          <th scope="col" class="number">
            Build
          </th>
          <th scope="col">What happened</th>
        </tr>
      </thead>
      <tbody>
        {dumps.map(({ sha256, crashTime, machine, build, summary, bucketBy }) => (
          <tr key={sha256}>
            <td class="mono">{timeText(crashTime)}</td>
            <td>{machine ?? 'not known'}</td>
            <td class="number">{build}</td>
            <td class="words">
              <a href={linkTo('dump', sha256)}>{summary}</a>
              {bucketBy !== null && <span class="dim"> {bucketBy}</span>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);

/** `2026-03-01 12:30`. */
export const timeText = (time: string | null): string => time?.replace('T', ' ').slice(0, 16) ?? 'not known';
