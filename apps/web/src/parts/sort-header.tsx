import type { Sorting } from './sorting.ts';

interface SortHeaderProps<Column extends string> {
  readonly by: Column;
  readonly name: string;
  readonly sorting: Sorting<Column>;
  readonly onSort: (sorting: Sorting<Column>) => void;
  /** Numbers stand on the right, and begin with the largest. */
  readonly isNumber?: boolean;
}

/** The head of a column, which sorts by it. */
export function SortHeader<Column extends string>(props: SortHeaderProps<Column>) {
  const { by, name, sorting, onSort, isNumber = false } = props;
  const isCurrent = sorting.by === by;
  const order = isCurrent ? (sorting.isDown ? 'descending' : 'ascending') : undefined;
  return (
    <th scope="col" aria-sort={order} class={isNumber ? 'number' : ''}>
      <button
        type="button"
        class="sort"
        onClick={() => onSort({ by, isDown: isCurrent ? !sorting.isDown : isNumber })}
      >
        {name}
        <span aria-hidden="true">{isCurrent ? (sorting.isDown ? ' ▾' : ' ▴') : ''}</span>
      </button>
    </th>
  );
}
