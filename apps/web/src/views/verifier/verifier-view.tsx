import { useMemo, useState } from 'preact/hooks';
import { useCall } from '../../app/use-call.ts';
import { CommandLink } from '../../parts/command-link.tsx';
import { FilterBox } from '../../parts/filter-box.tsx';
import { LinesView } from '../../parts/lines-view.tsx';
import { Answer, Empty } from '../../parts/states.tsx';
import { VirtualRows } from '../../parts/virtual-rows.tsx';
import type { LogEntry, VerifierView as VerifierFacts } from '../../protocol/views.ts';
import { LogLine } from './log-line.tsx';

/** What Driver Verifier was told, and what it saw. */
export function VerifierView() {
  const asked = useCall('verifier', null, 0);
  return (
    <div class="view wide verifier">
      <h1>Driver Verifier</h1>
      <Answer asked={asked}>{(view) => <Found view={view} />}</Answer>
    </div>
  );
}

const states = {
  true: 'It was on.',
  false: 'It was off when the machine crashed.',
  undefined: 'Whether it was on is not known.',
};

function Found({ view }: { readonly view: VerifierFacts }) {
  return (
    <>
      <p class="sub">
        {states[String(view.isOn) as keyof typeof states]} <CommandLink command="!verifier" />{' '}
        <CommandLink command="!verifier 1" />
      </p>
      {view.log.length > 0 ? <Log log={view.log} note={view.note} /> : <Empty>{view.note}</Empty>}
      <h2>Settings and counters</h2>
      <LinesView lines={view.settings} />
    </>
  );
}

function Log({ log, note }: { readonly log: readonly LogEntry[]; readonly note: string | undefined }) {
  const [filter, setFilter] = useState('');
  const shown = useMemo(() => log.filter((entry) => fits(entry, filter.trim().toLowerCase())), [log, filter]);
  return (
    <>
      <h2>Allocations and frees, newest first</h2>
      <FilterBox
        hint="Address, function, driver"
        label="Show entries that hold"
        value={filter}
        onFilter={setFilter}
        shown={shown.length}
        all={log.length}
      >
        {note !== undefined && <span> · {note}</span>}
      </FilterBox>
      <VirtualRows
        count={shown.length}
        rowHeight={24}
        label="Log of allocations and frees"
        class="verifier-log"
        mostHeight={380}
        row={(index) => {
          const entry = shown[index];
          return entry === undefined ? null : <LogLine entry={entry} order={index} />;
        }}
      />
    </>
  );
}

function fits({ address, size, stack }: LogEntry, filter: string): boolean {
  if (filter === '') return true;
  const wanted = filter.replaceAll('`', '').replace(/^0x/, '');
  if (address.toString(16).includes(wanted)) return true;
  // Any address inside of the block is one of the block.
  if (/^[0-9a-f]{6,16}$/.test(wanted)) {
    const va = BigInt(`0x${wanted}`);
    if (va >= address && va < address + BigInt(size)) return true;
  }
  return stack.some(({ name }) => name?.toLowerCase().includes(filter) === true);
}
