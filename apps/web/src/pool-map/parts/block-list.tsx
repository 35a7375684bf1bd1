import type { MapController } from '../map-controller.ts';
import type { Selection } from '../model/places.ts';
import { addressText, countText, hexText, pageText, partText, poolTitles, tagText } from '../words.ts';

/** The blocks of a page as a table: what the picture shows, for those who read or hear it. */
export function BlockList({ controller }: { readonly controller: MapController }) {
  const { data } = controller;
  const selected = controller.selected.value ?? firstPage(controller);
  if (selected === undefined) return <p class="pool-empty">No pool was found yet.</p>;
  const group = data.groups[selected.group]!;
  const { page, row } = selected;
  const step = (by: number): void => {
    const to = row + by;
    const next = group.rows[to];
    if (next !== undefined && to < group.count)
      controller.select({ group: selected.group, row: to, page: next, part: undefined, offset: 0 });
  };
  const at = addressText(data.addressOf(page));
  return (
    <div class="pool-list">
      <div class="pool-pager">
        <button type="button" disabled={row === 0} onClick={() => step(-1)}>
          Page before
        </button>
        <label>
          <span>Pool </span>
          <select
            value={selected.group}
            onChange={(event) => controller.select(startOf(controller, Number(event.currentTarget.value)))}
          >
            {data.groups.map(({ pool, count }, index) => (
              <option key={pool} value={index}>
                {`${poolTitles[pool]}, ${countText(count)} pages`}
              </option>
            ))}
          </select>
        </label>
        <button type="button" disabled={row + 1 >= group.count} onClick={() => step(1)}>
          Next page
        </button>
      </div>
      <table>
        <caption>
          Page <code>{at}</code>: {pageText(data.whatOf(page))}. Page {countText(row + 1)} of{' '}
          {countText(group.count)}.
        </caption>
        <thead>
          <tr>
            <th scope="col">Address</th>
            <th scope="col">Size</th>
            <th scope="col">Tag</th>
            <th scope="col">State</th>
            <th scope="col">Owner</th>
          </tr>
        </thead>
        <tbody>
          {partsOf(controller, selected).map((part) => (
            <BlockRow key={part} controller={controller} page={selected} part={part} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface BlockRowProps {
  readonly controller: MapController;
  readonly page: Selection;
  readonly part: number;
}

function BlockRow({ controller, page, part }: BlockRowProps) {
  const { data } = controller;
  const offset = data.offsetOf(part);
  const tag = data.tags[data.tagOf(part)];
  const select = (): void => controller.select({ ...page, part, offset });
  const isSelected = controller.selected.value?.part === part;
  return (
    <tr class={data.isDamage(part) ? 'pool-hot' : undefined} aria-selected={isSelected}>
      <td>
        <button type="button" onClick={select}>
          {addressText(data.addressOf(page.page) + BigInt(offset))}
        </button>
      </td>
      <td class="pool-number">{hexText(data.sizeOf(part))}</td>
      <td>
        <code>{tagText(tag?.text ?? '')}</code>
      </td>
      <td>
        {partText(data.partOf(part))}
        {data.hasFlag(part, 'damaged') && ', header damaged'}
        {data.hasFlag(part, 'continued') && ', begins before this page'}
      </td>
      <td class="pool-dim">{tag?.owner}</td>
    </tr>
  );
}

const partsOf = ({ data }: MapController, { page }: Selection): number[] =>
  Array.from(
    { length: data.endPart(page) - data.firstPart(page) },
    (_, index) => data.firstPart(page) + index,
  );

function startOf({ data }: MapController, group: number): Selection | undefined {
  const page = data.groups[group]?.rows[0];
  return page === undefined ? undefined : { group, row: 0, page, part: undefined, offset: 0 };
}

const firstPage = (controller: MapController): Selection | undefined => startOf(controller, 0);
