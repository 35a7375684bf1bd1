import type { MapController } from '../map-controller.ts';
import { addressText, hexText, pageText, partText, poolTitles, tagText } from '../words.ts';

/** Room that a tooltip needs. */
const [width, height] = [264, 92];

/** What is under the pointer: the header of its block in short. */
export function ToolTip({ controller }: { readonly controller: MapController }) {
  const hover = controller.hover.value;
  if (hover === undefined) return null;
  const { data, view } = controller;
  const { at, x, y } = hover;
  const left = x + 16 + width > view.width ? Math.max(4, x - 16 - width) : x + 16;
  const top = y + 18 + height > view.height ? Math.max(4, y - 10 - height) : y + 18;
  const address = addressText(data.addressOf(at.page) + BigInt(at.offset));
  const tag = at.part === undefined ? undefined : data.tags[data.tagOf(at.part)];
  const isPage = at.part === undefined;
  return (
    <div class="pool-tip" aria-hidden="true" style={{ left: `${left}px`, top: `${top}px` }}>
      <p>
        <code>{address}</code>
        {tag !== undefined && tag.text !== '' && <b>{tagText(tag.text)}</b>}
      </p>
      <p>
        {isPage
          ? pageText(data.whatOf(at.page))
          : `${hexText(data.sizeOf(at.part!))} bytes · ${partText(data.partOf(at.part!))}`}
      </p>
      <p class="pool-dim">{tag?.owner ?? poolTitles[data.poolOf(at.page)]}</p>
      {at.part !== undefined && data.hasFlag(at.part, 'damaged') && (
        <p class="pool-hot">its header is damaged</p>
      )}
    </div>
  );
}
