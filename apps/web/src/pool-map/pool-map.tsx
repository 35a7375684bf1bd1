import { type ReadonlySignal, useSignalEffect } from '@preact/signals';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { BlockDetail, PageBytesView } from '../protocol/pool-map.ts';
import { attachPointers, pressKey } from './input.ts';
import { MapController } from './map-controller.ts';
import type { MapState } from './map-state.ts';
import type { MarkedBytes } from './paint/picture.ts';
import { BlockList } from './parts/block-list.tsx';
import { BlockPanel } from './parts/block-panel.tsx';
import { Legend } from './parts/legend.tsx';
import { ToolBar } from './parts/tool-bar.tsx';
import { ToolTip } from './parts/tool-tip.tsx';
import { countText, sizeText } from './words.ts';

export interface PoolMapProps {
  readonly map: ReadonlySignal<MapState>;
  /** An address that is to be shown, as the link of another view asks for it. */
  readonly target?: ReadonlySignal<bigint | undefined>;
  /** A tag or something else to look for, as the link of another view asks for it. */
  readonly query?: ReadonlySignal<string>;
  /** Bytes that the verdict calls damaged: they are hatched. */
  readonly marked?: ReadonlySignal<MarkedBytes | undefined>;
  readonly readPage: (address: bigint) => Promise<PageBytesView>;
  readonly readBlock: (address: bigint) => Promise<BlockDetail>;
  /** Runs a command in the console. */
  readonly onCommand: (command: string) => void;
  readonly onSelect?: (address: bigint | undefined) => void;
}

/** The pool of a dump as a map: pages as squares, as rows of blocks to scale, as bytes. */
export function PoolMap({
  map,
  target,
  query,
  marked,
  readPage,
  readBlock,
  onCommand,
  onSelect,
}: PoolMapProps) {
  const controller = useMemo(
    () => new MapController(map, { readPage, onSelect: (address) => onSelect?.(address) }),
    [map],
  );
  const [isList, setList] = useState(false);
  const search = useRef<HTMLInputElement>(null);
  useSignalEffect(() => {
    controller.use(map.value);
    controller.aim(target?.value);
  });
  useSignalEffect(() => {
    const text = query?.value ?? '';
    if (text !== '') controller.find(text);
  });
  useSignalEffect(() => controller.mark(marked?.value));
  const { data } = map.value;
  const isNothing = data.counts.pages === 0;
  return (
    <div class="pool-map">
      <ToolBar
        controller={controller}
        damagedPages={data.counts.damagedPages}
        input={search}
        isList={isList}
        onList={() => setList(!isList)}
      />
      <div class="pool-body">
        {isNothing && <NoPool map={map} />}
        {!isNothing && isList && <BlockList controller={controller} />}
        {!isNothing && !isList && (
          <Picture controller={controller} focusSearch={() => search.current?.focus()} />
        )}
        <BlockPanel controller={controller} readBlock={readBlock} onCommand={onCommand} />
      </div>
      <footer class="pool-foot">
        <Legend controller={controller} map={map} />
        <Counts map={map} />
      </footer>
      <p class="pool-told" role="status" aria-live="polite">
        {controller.told}
      </p>
    </div>
  );
}

/** In place of the picture: there is no pool, or none yet. */
function NoPool({ map }: { readonly map: ReadonlySignal<MapState> }) {
  const { end } = map.value.data;
  if (end === undefined) return <p class="pool-empty pool-reading">Reading the pool</p>;
  return (
    <div class="pool-empty">
      <h3>No page of pool is in this dump.</h3>
      <p>
        A small memory dump holds the stack and a few pages besides. A kernel memory dump, or a complete one,
        has the pool.
      </p>
      {end.notes.length > 0 && (
        <ul>
          {end.notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
    </div>
  );
}

interface PictureProps {
  readonly controller: MapController;
  readonly focusSearch: () => void;
}

function Picture({ controller, focusSearch }: PictureProps) {
  const frame = useRef<HTMLDivElement>(null);
  const below = useRef<HTMLCanvasElement>(null);
  const above = useRef<HTMLCanvasElement>(null);
  useEffect(() => attachPicture(controller, frame.current!, below.current!, above.current!), [controller]);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (pressKey(controller, event, focusSearch)) event.preventDefault();
  };
  return (
    <div class="pool-frame" ref={frame}>
      <canvas ref={below} aria-hidden="true" />
      <canvas
        ref={above}
        class="pool-canvas"
        tabIndex={0}
        role="application"
        aria-label="Pool map. Arrow keys move between blocks and pages, plus and minus zoom, n goes to the next damage. The list shows the same as a table."
        onKeyDown={onKeyDown}
      />
      <ToolTip controller={controller} />
    </div>
  );
}

/** From when the canvas is in the page until it leaves it. */
function attachPicture(
  controller: MapController,
  frame: HTMLElement,
  below: HTMLCanvasElement,
  above: HTMLCanvasElement,
): () => void {
  const canvas = controller.attach(below, above);
  const fit = (): void => {
    const { width, height } = frame.getBoundingClientRect();
    controller.resize(Math.floor(width), Math.floor(height), devicePixelRatio);
  };
  const sizes = new ResizeObserver(fit);
  sizes.observe(frame);
  const restyle = (): void => canvas.restyle();
  const dark = matchMedia('(prefers-color-scheme: dark)');
  dark.addEventListener('change', restyle);
  const theme = new MutationObserver(restyle);
  theme.observe(document.documentElement, { attributes: true, attributeFilter: ['class', 'data-theme'] });
  const detachPointers = attachPointers(controller, above);
  fit();
  return () => {
    sizes.disconnect();
    dark.removeEventListener('change', restyle);
    theme.disconnect();
    detachPointers();
    controller.detach();
  };
}

/** How much there is, and what may be lacking. */
function Counts({ map }: { readonly map: ReadonlySignal<MapState> }) {
  const { data } = map.value;
  const { pages, parts } = data.counts;
  const { end } = data;
  const notes = [...(end?.cut === undefined ? [] : [`Not all is shown: ${end.cut}`]), ...(end?.notes ?? [])];
  return (
    <p class="pool-counts">
      {end === undefined && <span class="pool-reading">reading the pool</span>}
      <span>
        {countText(pages)} pages · {sizeText(pages * 0x1000)} · {countText(parts)} parts
      </span>
      {notes.length > 0 && (
        <details>
          <summary>
            {notes.length} {notes.length === 1 ? 'note' : 'notes'}
          </summary>
          <ul>
            {notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </details>
      )}
    </p>
  );
}
