import { useEffect, useMemo, useReducer, useRef, useState } from 'preact/hooks';
import { useApp } from '../../app/app-context.ts';
import { addressText } from '../../app/words.ts';
import type { AddressRange } from '../../console/damaged-text.ts';
import { HexRow } from './hex-row.tsx';
import { PageCache } from './page-cache.ts';

const rowHeight = 20;
const perRow = 16n;
/** Rows above the address when the view begins. */
const above = 4n;

interface Frame {
  readonly current: HTMLDivElement | null;
}

interface HexRowsProps {
  readonly address: bigint;
  /** Bytes that a member of the chosen structure takes. */
  readonly highlight: AddressRange | undefined;
  readonly pointerSize: 4 | 8;
}

/** Rows of sixteen bytes from any address on: the wheel and the keys move through the whole address space. */
export function HexRows({ address, highlight, pointerSize }: HexRowsProps) {
  const app = useApp();
  const frame = useRef<HTMLDivElement>(null);
  const [, refresh] = useReducer<number, void>((value) => value + 1, 0);
  const generation = app.generation.value;
  const cache = useMemo(
    () =>
      new PageCache(
        (from, length) => app.call('memory', { address: from, length }),
        () => refresh(),
      ),
    [generation],
  );
  const { top, count, move, onKeyDown } = useMoves(frame, address);
  const rows = Array.from({ length: count }, (_, index) => BigInt.asUintN(64, top + BigInt(index) * perRow));
  return (
    <div class="hex">
      <div class="hex-move">
        <button type="button" class="quiet" onClick={() => move(1 - count)}>
          ▴ back
        </button>
        <button type="button" class="quiet" onClick={() => move(count - 1)}>
          ▾ on
        </button>
      </div>
      <div
        class="hex-rows mono"
        ref={frame}
        tabIndex={0}
        role="group"
        aria-label={`Bytes from ${addressText(top, pointerSize)}; arrow keys and Page Up and Down move`}
        onKeyDown={onKeyDown}
      >
        {rows.map((start) => (
          <HexRow
            key={start}
            start={start}
            marked={address}
            pointerSize={pointerSize}
            highlight={highlight}
            damage={app.damage.value}
            byteAt={(at) => cache.byteAt(at)}
          />
        ))}
      </div>
    </div>
  );
}

const startRow = (address: bigint): bigint => {
  const row = address - (address % perRow);
  return row < above * perRow ? 0n : row - above * perRow;
};

/** As many rows as there is room for. */
function useRowCount(frame: Frame): number {
  const [count, setCount] = useState(24);
  useEffect(() => {
    const { current } = frame;
    if (current === null) return undefined;
    const observer = new ResizeObserver(() => {
      setCount(Math.max(4, Math.min(200, Math.floor(current.clientHeight / rowHeight))));
    });
    observer.observe(current);
    return () => observer.disconnect();
  }, []);
  return count;
}

/** Where the rows begin: the wheel and the keys change it. */
function useMoves(frame: Frame, address: bigint) {
  const [top, setTop] = useState(() => startRow(address));
  useEffect(() => setTop(startRow(address)), [address]);
  const count = useRowCount(frame);
  const move = (rows: number) => setTop((before) => BigInt.asUintN(64, before + BigInt(rows) * perRow));
  const keys: Readonly<Record<string, () => void>> = {
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    PageDown: () => move(count - 1),
    PageUp: () => move(1 - count),
    Home: () => setTop(startRow(address)),
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const act = keys[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  };
  const onWheel = (event: WheelEvent) => {
    event.preventDefault();
    move(Math.sign(event.deltaY) * Math.max(1, Math.round(Math.abs(event.deltaY) / rowHeight / 2)));
  };
  useEffect(() => {
    const { current } = frame;
    current?.addEventListener('wheel', onWheel, { passive: false });
    return () => current?.removeEventListener('wheel', onWheel);
  });
  return { top, count, move, onKeyDown };
}
