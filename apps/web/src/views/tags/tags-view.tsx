import { useMemo, useState } from 'preact/hooks';
import { useApp } from '../../app/app-context.ts';
import { linkTo } from '../../app/route.ts';
import { useCall } from '../../app/use-call.ts';
import { FilterBox } from '../../parts/filter-box.tsx';
import { SortHeader } from '../../parts/sort-header.tsx';
import { type Sorting, sorted } from '../../parts/sorting.ts';
import { Answer, Empty } from '../../parts/states.tsx';
import { tagClass } from '../../parts/tag-colour.ts';
import type { TagFact, TagView } from '../../protocol/views.ts';

const columns = {
  tag: ({ tag }: TagFact) => tag,
  nonPagedCount: ({ nonPaged }: TagFact) => nonPaged.outstanding,
  nonPagedBytes: ({ nonPaged }: TagFact) => nonPaged.bytes,
  pagedCount: ({ paged }: TagFact) => paged.outstanding,
  pagedBytes: ({ paged }: TagFact) => paged.bytes,
  owner: ({ owner, description }: TagFact) => `${owner ?? '\uffff'} ${description ?? ''}`,
} as const;

type Column = keyof typeof columns;

/** What each tag has of the pools, by the kernel's own account. */
export function TagsView() {
  const asked = useCall('tags', null, 0);
  return (
    <div class="view wide">
      <h1>Pool by tag</h1>
      <Answer asked={asked}>{(tags) => <TagTable view={tags} />}</Answer>
    </div>
  );
}

function TagTable({ view }: { readonly view: TagView }) {
  const [sorting, setSorting] = useState<Sorting<Column>>({ by: 'nonPagedBytes', isDown: true });
  const [filter, setFilter] = useState('');
  const shown = useMemo(
    () =>
      sorted(
        view.tags.filter((tag) => fits(tag, filter)),
        columns[sorting.by],
        sorting.isDown,
      ),
    [view, sorting, filter],
  );
  const most = Math.max(1, ...view.tags.map(({ nonPaged, paged }) => Math.max(nonPaged.bytes, paged.bytes)));
  const head = { sorting, onSort: setSorting };
  if (view.from === undefined)
    return <Empty>The account of tags is not in this dump: {view.missing.join('; ')}.</Empty>;
  return (
    <>
      <FilterBox
        hint="Tag, owner"
        label="Show tags that hold"
        value={filter}
        onFilter={setFilter}
        shown={shown.length}
        all={view.tags.length}
      >
        {view.missing.length > 0 && <span> · not counted: {view.missing.join('; ')}</span>}
      </FilterBox>
      <table class="grid tags">
        <thead>
          <tr>
            <SortHeader {...head} by="tag" name="Tag" />
            <SortHeader {...head} by="nonPagedBytes" name="Nonpaged bytes" isNumber />
            <SortHeader {...head} by="nonPagedCount" name="blocks" isNumber />
            <SortHeader {...head} by="pagedBytes" name="Paged bytes" isNumber />
            <SortHeader {...head} by="pagedCount" name="blocks" isNumber />
            <SortHeader {...head} by="owner" name="Owner" />
          </tr>
        </thead>
        <tbody>
          {shown.map((tag) => (
            <TagRow key={tag.tag} fact={tag} most={most} />
          ))}
        </tbody>
      </table>
    </>
  );
}

const fits = ({ tag, owner, description }: TagFact, filter: string): boolean =>
  `${tag} ${owner ?? ''} ${description ?? ''}`.toLowerCase().includes(filter.toLowerCase());

function TagRow({ fact, most }: { readonly fact: TagFact; readonly most: number }) {
  const app = useApp();
  const { tag, nonPaged, paged, owner, description } = fact;
  return (
    <tr>
      <td>
        <span class={`swatch ${tagClass(tag)}`} aria-hidden="true" />
        <a class="to mono" href={linkTo('pool', tag.trim())} title="show its blocks in the pool map">
          {tag}
        </a>
      </td>
      <Amount bytes={nonPaged.bytes} most={most} />
      <td class="number mono">{nonPaged.outstanding.toLocaleString('en')}</td>
      <Amount bytes={paged.bytes} most={most} />
      <td class="number mono">{paged.outstanding.toLocaleString('en')}</td>
      <td>
        {owner === undefined && description === undefined ? (
          <button type="button" class="run dim" onClick={() => app.runShown(`!tagusers ${tag.trim()}`)}>
            not known
          </button>
        ) : (
          <>
            {owner} <span class="dim">{description}</span>
          </>
        )}
      </td>
    </tr>
  );
}

/** A number with a bar, so that the large ones are seen at once. */
function Amount({ bytes, most }: { readonly bytes: number; readonly most: number }) {
  return (
    <td class="number mono amount">
      <span
        class="amount-bar"
        style={{ width: `${Math.max(0, (bytes / most) * 100)}%` }}
        aria-hidden="true"
      />
      <span>{bytes === 0 ? '' : bytes.toLocaleString('en')}</span>
    </td>
  );
}
