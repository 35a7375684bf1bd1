import type { ComponentChildren } from 'preact';

interface FilterBoxProps {
  /** What an entry can be found by. */
  readonly hint: string;
  /** Says to those who do not see the field what it is for. */
  readonly label: string;
  readonly value: string;
  readonly onFilter: (value: string) => void;
  /** How many entries are shown, of how many. */
  readonly shown: number;
  readonly all: number;
  readonly children?: ComponentChildren;
}

/** A field that leaves of a list what fits, and how much that is. */
export function FilterBox({ hint, label, value, onFilter, shown, all, children }: FilterBoxProps) {
  return (
    <p class="sub">
      <input
        type="search"
        name="filter"
        placeholder={hint}
        aria-label={label}
        value={value}
        onInput={(event) => onFilter(event.currentTarget.value)}
      />{' '}
      <span role="status">
        {shown.toLocaleString('en')} of {all.toLocaleString('en')}
      </span>
      {children}
    </p>
  );
}
