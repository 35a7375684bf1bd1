import { useMemo, useState } from 'preact/hooks';
import type { LogRow } from './console-model.ts';
import { lineToText } from './line-text.ts';

interface ConsoleSearchProps {
  readonly rows: readonly LogRow[];
  readonly version: number;
  /** What to mark, in lower case. */
  readonly onSearch: (text: string) => void;
  /** The row to show. */
  readonly onShow: (row: number | undefined) => void;
}

/** Looks for a text in what was shown; Enter goes from one place to the one before. */
export function ConsoleSearch({ rows, version, onSearch, onShow }: ConsoleSearchProps) {
  const [text, setText] = useState('');
  const [current, setCurrent] = useState(0);
  const found = useMemo(() => findRows(rows, text.toLowerCase()), [text, version]);
  const show = (index: number) => {
    const row = found.at(index);
    setCurrent(index);
    onShow(row);
  };
  const onInput = (event: { readonly currentTarget: HTMLInputElement }) => {
    const typed = event.currentTarget.value;
    setText(typed);
    onSearch(typed.toLowerCase());
    const last = findRows(rows, typed.toLowerCase()).at(-1);
    setCurrent(-1);
    onShow(last);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || found.length === 0) return;
    event.preventDefault();
    const step = event.shiftKey ? 1 : -1;
    show(-1 - ((-1 - current - step + found.length) % found.length));
  };
  return (
    <>
      <input
        type="search"
        name="search"
        placeholder="Search the console"
        aria-label="Search the console"
        value={text}
        onInput={onInput}
        onKeyDown={onKeyDown}
      />
      <span class="dim small" role="status">
        {text === '' ? '' : `${found.length} line${found.length === 1 ? '' : 's'}`}
      </span>
    </>
  );
}

function findRows(rows: readonly LogRow[], text: string): number[] {
  if (text === '') return [];
  return rows.flatMap(({ line }, index) => (lineToText(line).toLowerCase().includes(text) ? [index] : []));
}
