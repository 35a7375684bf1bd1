import { useRef, useState } from 'preact/hooks';
import { useApp } from '../app/app-context.ts';
import type { ConsoleSize } from '../app/app-model.ts';
import { LineView } from '../parts/line-view.tsx';
import { VirtualRows } from '../parts/virtual-rows.tsx';
import { CommandInput } from './command-input.tsx';
import { ConsoleSearch } from './console-search.tsx';
import { RunningLine } from './running-line.tsx';

/** Pixels; style console.css has the same. */
const rowHeight = 18;
const sizes: readonly ConsoleSize[] = ['low', 'normal', 'high'];

/** The console: below every view, and as a view of its own. */
export function ConsoleDock() {
  const app = useApp();
  const { console } = app;
  const [search, setSearch] = useState('');
  const [shown, setShown] = useState<number | undefined>(undefined);
  const dock = useRef<HTMLElement>(null);
  // The rows are one array that grows: its version says when to look again.
  const version = console.version.value;
  const size = app.consoleSize.value;
  return (
    <section
      class={`console console-${size}`}
      aria-label="Console"
      // As a view of its own it is what the page is about.
      role={app.view.value === 'console' ? 'main' : undefined}
      ref={dock}
      data-version={version}
      onKeyDown={(event) => onKey(event, dock.current)}
    >
      <div class="console-bar">
        <ConsoleSearch rows={console.rows} version={version} onSearch={setSearch} onShow={setShown} />
        <span class="grow" />
        <button
          type="button"
          class="quiet"
          onClick={() => void navigator.clipboard.writeText(console.text())}
        >
          Copy all
        </button>
        <button type="button" class="quiet" onClick={() => console.clear()}>
          Clear
        </button>
        {app.view.value !== 'console' && (
          <SizeButton size={size} onSize={(next) => (app.consoleSize.value = next)} />
        )}
      </div>
      <VirtualRows
        count={console.rows.length}
        rowHeight={rowHeight}
        role="log"
        label="What the console showed"
        class="console-log mono"
        followsEnd
        shown={shown}
        row={(index) => <Row index={index} search={search} />}
      />
      <RunningLine />
      <CommandInput />
    </section>
  );
}

function Row({ index, search }: { readonly index: number; readonly search: string }) {
  const app = useApp();
  const row = app.console.rows[index];
  if (row === undefined) return null;
  return (
    <span class={`log-${row.kind}`}>
      <LineView line={row.line} search={search} />
    </span>
  );
}

function SizeButton({
  size,
  onSize,
}: {
  readonly size: ConsoleSize;
  readonly onSize: (size: ConsoleSize) => void;
}) {
  const index = sizes.indexOf(size);
  return (
    <>
      <button
        type="button"
        class="quiet"
        aria-label="Larger console"
        disabled={index === sizes.length - 1}
        onClick={() => onSize(sizes[index + 1] ?? size)}
      >
        ▴
      </button>
      <button
        type="button"
        class="quiet"
        aria-label="Smaller console"
        disabled={index === 0}
        onClick={() => onSize(sizes[index - 1] ?? size)}
      >
        ▾
      </button>
    </>
  );
}

/** Ctrl-F looks in the log. */
function onKey(event: KeyboardEvent, dock: HTMLElement | null): void {
  if (!(event.ctrlKey || event.metaKey) || event.key !== 'f') return;
  event.preventDefault();
  dock?.querySelector<HTMLInputElement>('input[type=search]')?.focus();
}
