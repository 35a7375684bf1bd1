import type { Report } from '@poolscope/engine';
import { useApp } from '../../app/app-context.ts';
import { linkTo } from '../../app/route.ts';
import { padded } from '../../app/words.ts';
import { CommandLink } from '../../parts/command-link.tsx';
import { Empty } from '../../parts/states.tsx';

type Frame = Report['stack'][number];

/** How a frame was found, and how far one can rely on it. */
const trusts: Readonly<Record<Frame['trust'], string>> = {
  context: 'from the registers',
  trap: 'from a trap frame',
  unwind: 'by unwind tables',
  'frame-pointer': 'by the frame pointer',
  scan: 'a guess: found by scanning the stack',
};

/** The calls that led to the crash; guesses look like guesses. */
export function StackView() {
  const app = useApp();
  const report = app.report.value;
  if (report === undefined) return null;
  return (
    <div class="view wide">
      <h1>Stack of the crash</h1>
      <p class="sub">
        <CommandLink command="kn" /> <CommandLink command="kv" /> <CommandLink command="!process -1 7" />
      </p>
      {report.stack.some(({ trust }) => trust === 'scan') && (
        <p class="sub">Guesses may be left over from earlier calls.</p>
      )}
      {report.stack.length === 0 ? (
        <Empty>The dump holds no stack that can be walked.</Empty>
      ) : (
        <table class="grid">
          <thead>
            <tr>
              <th scope="col">#</th>
              <th scope="col">Call site</th>
              <th scope="col">Child-SP</th>
              <th scope="col">Known by</th>
            </tr>
          </thead>
          <tbody>
            {report.stack.map((frame, index) => (
              <FrameRow key={index} frame={frame} report={report} />
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}

function FrameRow({ frame, report }: { readonly frame: Frame; readonly report: Report }) {
  const { trust, ip, sp, inline } = frame;
  return (
    <tr class={trust === 'scan' ? 'guess' : ''}>
      <td class="mono dim">{frame.frame.toString(16).padStart(2, '0')}</td>
      <td>
        <a class="to mono" href={linkTo('code', ip.slice(2))}>
          {frameName(frame)}
        </a>
        {inline && <span class="dim"> inlined</span>}
      </td>
      <td class="mono dim">
        {sp === null ? (
          ''
        ) : (
          <a class="to" href={linkTo('memory', sp.slice(2))}>
            {padded(report, sp)}
          </a>
        )}
      </td>
      <td>
        <span class={`trust trust-${trust}`} title={trusts[trust]}>
          {trust}
        </span>{' '}
        <span class="dim small">{trusts[trust]}</span>
      </td>
    </tr>
  );
}

function frameName({ module, symbol, offset, ip }: Frame): string {
  if (module === null) return ip.slice(2);
  const base = symbol ?? module;
  return offset === 0 || offset === null ? base : `${base}+0x${offset.toString(16)}`;
}
