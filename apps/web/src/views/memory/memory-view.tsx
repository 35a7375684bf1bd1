import { useState } from 'preact/hooks';
import { useApp } from '../../app/app-context.ts';
import { useCall } from '../../app/use-call.ts';
import { addressText } from '../../app/words.ts';
import type { AddressRange } from '../../console/damaged-text.ts';
import { lineToText } from '../../console/line-text.ts';
import { AddressForm } from '../../parts/address-form.tsx';
import { LinesView } from '../../parts/lines-view.tsx';
import { Answer, Empty } from '../../parts/states.tsx';
import { HexRows } from './hex-rows.tsx';
import { StructurePanel } from './structure-panel.tsx';

/** Memory as bytes, and a structure laid over it. */
export function MemoryView() {
  const app = useApp();
  const { at } = app.route.value;
  const asked = useCall('address', { expression: at === '' ? startOf(app.report.value) : at }, at);
  const [highlight, setHighlight] = useState<AddressRange | undefined>(undefined);
  const pointerSize = app.opened.value?.pointerSize ?? 8;
  return (
    <div class="view memory">
      <div class="memory-head">
        <h1>Memory</h1>
        <AddressForm view="memory" at={at} />
      </div>
      <Answer asked={asked}>
        {({ address, lines }) => (
          <div class="memory-columns">
            <HexRows address={address} highlight={highlight} pointerSize={pointerSize} />
            <div class="memory-side">
              <h2 class="mono">{addressText(address, pointerSize)}</h2>
              <LinesView lines={lines} />
              <StructurePanel
                address={address}
                isPool={lines.some((line) => /^What:.*\bpool\b/.test(lineToText(line)))}
                onHighlight={setHighlight}
              />
            </div>
          </div>
        )}
      </Answer>
      {asked.state === 'failed' && (
        <Empty>Type an address, a register or a symbol: @rsp, nt!MmNonPagedPoolStart.</Empty>
      )}
    </div>
  );
}

/** Where memory begins by itself: at the damage, at the block, or at the stack. */
function startOf(
  report:
    | {
        readonly verdict: {
          readonly damage: { start: string } | null;
          readonly block: { address: string } | null;
        };
      }
    | undefined,
): string {
  const place = report?.verdict.damage?.start ?? report?.verdict.block?.address;
  return place === undefined ? '@$csp' : place;
}
