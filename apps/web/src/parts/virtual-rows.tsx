import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from '@tanstack/virtual-core';
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useReducer, useRef, useState } from 'preact/hooks';

interface VirtualRowsProps {
  readonly count: number;
  /** Pixels of every row. */
  readonly rowHeight: number;
  readonly row: (index: number) => ComponentChildren;
  readonly label: string;
  readonly role?: 'log' | 'table' | 'list';
  readonly class?: string;
  /** No higher than the rows need, up to so many pixels. */
  readonly mostHeight?: number;
  /** Follow the end as rows come in, as long as the user looks at it. */
  readonly followsEnd?: boolean;
  /** Row to show. */
  readonly shown?: number | undefined;
}

/** Rows of one height, of which only those in sight exist. */
export function VirtualRows(props: VirtualRowsProps) {
  const { count, rowHeight, row, label, role = 'list', followsEnd = false, shown } = props;
  const frame = useRef<HTMLDivElement>(null);
  const [, refresh] = useReducer<number, void>((value) => value + 1, 0);
  const [isAtEnd, setAtEnd] = useState(true);
  const options = {
    count,
    estimateSize: () => rowHeight,
    getScrollElement: () => frame.current,
    observeElementRect,
    observeElementOffset,
    scrollToFn: elementScroll,
    overscan: 12,
    onChange: () => refresh(),
  };
  const [virtualizer] = useState(() => new Virtualizer<HTMLDivElement, HTMLDivElement>(options));
  virtualizer.setOptions({ ...virtualizer.options, ...options });
  useLayoutEffect(() => virtualizer['_didMount'](), []);
  useLayoutEffect(() => virtualizer['_willUpdate']());
  useLayoutEffect(() => {
    if (followsEnd && isAtEnd && count > 0) virtualizer.scrollToIndex(count - 1, { align: 'end' });
  }, [count]);
  useLayoutEffect(() => {
    if (shown !== undefined && shown >= 0) virtualizer.scrollToIndex(shown, { align: 'auto' });
  }, [shown]);
  const onScroll = () => {
    const { current } = frame;
    if (current !== null)
      setAtEnd(current.scrollHeight - current.scrollTop - current.clientHeight < rowHeight * 2);
  };
  return (
    <div
      ref={frame}
      class={`rows ${props.class ?? ''}`}
      role={role}
      aria-label={label}
      tabIndex={0}
      style={
        props.mostHeight === undefined
          ? {}
          : { height: `${Math.min(props.mostHeight, count * rowHeight + 2)}px` }
      }
      onScroll={onScroll}
    >
      <div class="rows-all" style={{ height: `${virtualizer.getTotalSize()}px` }}>
        {virtualizer.getVirtualItems().map(({ index, start, key }) => (
          <div
            key={key as number}
            class="row"
            style={{ transform: `translateY(${start}px)`, height: `${rowHeight}px` }}
          >
            {row(index)}
          </div>
        ))}
      </div>
    </div>
  );
}
