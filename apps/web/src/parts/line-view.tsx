import type { Line } from '@poolscope/engine';
import { useContext } from 'preact/hooks';
import { useApp } from '../app/app-context.ts';
import { linkTo } from '../app/route.ts';
import { type Segment, segmentsOf } from '../console/segments.ts';
import { DumpHere } from './dump-here.ts';

/** A line of the console: styles, commands to run, addresses and names to follow. `search` is shown as found. */
export function LineView({ line, search = '' }: { readonly line: Line; readonly search?: string }) {
  const app = useApp();
  const isHere = useContext(DumpHere);
  const pointerSize = app.opened.value?.pointerSize ?? 8;
  const segments = segmentsOf(line, { pointerSize, damage: app.damage.value, search });
  if (!isHere) return <>{segments.map(({ text }) => text).join('')}</>;
  return (
    <>
      {segments.map((segment, index) => (
        <SegmentView key={index} segment={segment} onRun={(command) => void app.console.run(command)} />
      ))}
    </>
  );
}

function SegmentView({
  segment,
  onRun,
}: {
  readonly segment: Segment;
  readonly onRun: (command: string) => void;
}) {
  const { text, style, command, to, isHit, isFound } = segment;
  const names = [style === undefined ? '' : `s-${style}`, isHit ? 'hit' : '', isFound ? 'found' : ''];
  const look = names.filter((name) => name !== '').join(' ');
  if (command !== undefined)
    return (
      <button type="button" class={`run ${look}`} title={`run ${command}`} onClick={() => onRun(command)}>
        {text}
      </button>
    );
  if (to !== undefined)
    return (
      <a class={`to ${look}`} href={linkTo(to.kind === 'code' ? 'code' : 'memory', to.at)}>
        {text}
      </a>
    );
  return look === '' ? <>{text}</> : <span class={look}>{text}</span>;
}
