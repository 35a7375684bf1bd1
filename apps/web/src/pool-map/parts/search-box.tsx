import type { RefObject } from 'preact';
import { useState } from 'preact/hooks';
import type { MapController, SearchState } from '../map-controller.ts';
import { countText, sizeText } from '../words.ts';

interface SearchBoxProps {
  readonly controller: MapController;
  readonly input: RefObject<HTMLInputElement | null>;
}

/** Where one looks for a tag, an address, a size or an owner. */
export function SearchBox({ controller, input }: SearchBoxProps) {
  const [text, setText] = useState('');
  const search = controller.search.value;
  const isOn = search.query.kind !== 'none';
  const find = (event: Event): void => {
    event.preventDefault();
    if (isOn && search.query.kind !== 'address') controller.nextFound(1);
    else controller.find(text);
  };
  const type = (value: string): void => {
    setText(value);
    controller.find(value);
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape') return;
    setText('');
    controller.clearSearch();
  };
  return (
    <form class="pool-search" role="search" onSubmit={find}>
      <input
        ref={input}
        type="search"
        aria-label="Search the map by tag, address, size or owner"
        placeholder="tag, address, size 210, owner"
        value={text}
        spellcheck={false}
        autocomplete="off"
        onInput={(event) => type(event.currentTarget.value)}
        onKeyDown={onKey}
      />
      <output class="pool-found" aria-live="off">
        {isOn ? foundText(search) : ''}
      </output>
    </form>
  );
}

function foundText({ query, found }: SearchState): string {
  if (found === undefined) return '';
  if (query.kind === 'address') return found.parts === 1 ? '' : 'not on the map';
  if (found.parts === 0) return 'none';
  return `${countText(found.parts)} · ${sizeText(found.bytes)} · ⏎`;
}
