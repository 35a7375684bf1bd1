import type { Completion } from '@poolscope/engine';
import { useRef, useState } from 'preact/hooks';
import { useApp } from '../app/app-context.ts';
import type { ConsoleModel } from './console-model.ts';

/** Names that are offered at once. */
const mostShown = 12;

/** The prompt: history with the arrow keys, completion with Tab, Ctrl-C and Ctrl-L as in a terminal. */
export function CommandInput() {
  const { console } = useApp();
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const [offer, setOffer] = useState<Completion | undefined>(undefined);
  const put = (value: string) => {
    setText(value);
    setOffer(undefined);
  };
  const run = () => {
    const line = text.trim() === '' ? console.repeat : text;
    if (line !== '') void console.run(line);
    put('');
    setAt(0);
  };
  const recall = (step: number) => {
    const next = Math.max(0, Math.min(console.history.length, at + step));
    setAt(next);
    put(next === 0 ? '' : (console.history.at(-next) ?? ''));
  };
  const keys: Readonly<Record<string, () => void>> = {
    Enter: run,
    ArrowUp: () => recall(1),
    ArrowDown: () => recall(-1),
    Escape: () => setOffer(undefined),
    Tab: () => void completeText(console, text, put, setOffer),
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const act = actionOf(event, text, keys, console, input.current);
    if (act === undefined) return;
    event.preventDefault();
    act();
  };
  return (
    <div class="prompt mono">
      {offer !== undefined && <Offer offer={offer} />}
      <label for="command">{console.prompt.value}</label>
      <input
        ref={input}
        id="command"
        name="command"
        type="text"
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        placeholder="!analyze -v, !pool ADDRESS, .help"
        aria-label="Command"
        value={text}
        onInput={(event) => put(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
    </div>
  );
}

/** What a key does here; undefined: what it does everywhere. */
function actionOf(
  event: KeyboardEvent,
  text: string,
  keys: Readonly<Record<string, () => void>>,
  console: ConsoleModel,
  input: HTMLInputElement | null,
): (() => void) | undefined {
  if (event.ctrlKey || event.metaKey) {
    if (event.key === 'l') return () => console.clear();
    const isCopy = getSelection()?.isCollapsed === false || !hasNoSelection(input);
    return event.key === 'c' && !isCopy ? () => console.interrupt() : undefined;
  }
  // Tab leaves an empty line, so that the keyboard gets past it.
  if (event.key === 'Tab' && (event.shiftKey || text === '')) return undefined;
  return keys[event.key];
}

const hasNoSelection = (input: HTMLInputElement | null): boolean =>
  input === null || input.selectionStart === input.selectionEnd;

/** Puts in what all candidates begin with; where that is nothing new they are shown. */
async function completeText(
  console: ConsoleModel,
  text: string,
  put: (text: string) => void,
  show: (offer: Completion) => void,
): Promise<void> {
  const completion = await console.complete(text, text.length);
  const { from, candidates, prefix } = completion;
  const word = text.slice(from);
  const [only] = candidates;
  if (candidates.length === 1 && only !== undefined) put(`${text.slice(0, from)}${only.text} `);
  else if (prefix.length > word.length) put(text.slice(0, from) + prefix);
  else if (candidates.length > 0) show(completion);
}

function Offer({ offer }: { readonly offer: Completion }) {
  const more = offer.total - Math.min(mostShown, offer.candidates.length);
  return (
    <ul class="offer" aria-label="Completions">
      {offer.candidates.slice(0, mostShown).map(({ text, summary }) => (
        <li key={text}>
          {text} <span class="dim">{summary}</span>
        </li>
      ))}
      {more > 0 && <li class="dim">and {more} more</li>}
    </ul>
  );
}
