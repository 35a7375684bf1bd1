import { useComputed } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { useApp } from '../../app/app-context.ts';
import { ErrorNote } from '../../parts/states.tsx';
import { PoolMap } from '../../pool-map/index.ts';
import type { PageBytesView } from '../../protocol/pool-map.ts';
import { mapStore } from './map-store.ts';

/** The map of kernel pool. */
export function PoolView() {
  const app = useApp();
  const generation = app.generation.value;
  const store = useMemo(() => mapStore(app), [generation]);
  const target = useComputed(() => targetOf(app.route.value.at, app.report.value));
  const query = useComputed(() => (isAddress(app.route.value.at) ? '' : app.route.value.at));
  const marked = useComputed(() => markedOf(app.report.value));
  const error = store.error.value;
  if (error !== undefined) return <ErrorNote error={error} />;
  return (
    <div class="view-pool">
      <PoolMap
        map={store.map}
        target={target}
        query={query}
        marked={marked}
        readPage={(address) => app.call('memory', { address, length: 0x1000 }) as Promise<PageBytesView>}
        readBlock={(address) => app.call('blockDetail', { address })}
        onSelect={(address) => app.note('pool', address)}
        onCommand={(command) => app.runShown(command)}
      />
    </div>
  );
}

type ReportParts = {
  readonly verdict: {
    readonly damage: { start: string | null; length: number | null } | null;
    readonly block: { address: string } | null;
  };
};

/** The address of the link; without one the damage, or the block that the verdict is about. */
function targetOf(at: string, report: ReportParts | undefined): bigint | undefined {
  if (isAddress(at)) return BigInt(`0x${at}`);
  if (at !== '') return undefined;
  const place = report?.verdict.damage?.start ?? report?.verdict.block?.address;
  return place === undefined ? undefined : BigInt(place);
}

const isAddress = (text: string): boolean => /^[0-9a-f]{5,16}$/i.test(text);

/** The bytes that the verdict calls damaged. */
function markedOf(report: ReportParts | undefined): { start: bigint; length: number } | undefined {
  const { start, length } = report?.verdict.damage ?? {};
  return typeof start === 'string' && typeof length === 'number'
    ? { start: BigInt(start), length }
    : undefined;
}
