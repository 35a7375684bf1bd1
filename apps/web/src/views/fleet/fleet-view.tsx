import { useState } from 'preact/hooks';
import { linkTo } from '../../app/route.ts';
import { counted } from '../../app/words.ts';
import { fleetAddress, hasFleet } from '../../fleet/fleet-link.ts';
import { useFleet } from '../../fleet/use-fleet.ts';
import { Empty } from '../../parts/states.tsx';
import type { BucketLine, BucketList, DayList, DumpList } from '../../protocol/fleet.ts';
import { DaysChart } from './days-chart.tsx';
import { DumpsTable, timeText } from './dumps-table.tsx';
import { FromFleet } from './fleet-answer.tsx';

const perPage = 100;

/** All crashes of the fleet: by day, by bucket, and what words find. */
export function FleetView() {
  const [from, setFrom] = useState(0);
  const [words, setWords] = useState('');
  return (
    <>
      {hasFleet && <Search onSearch={setWords} />}
      {words === '' ? (
        <FromFleet<BucketList> path={`buckets?limit=${perPage}&offset=${from}`}>
          {(list) => <Buckets list={list} from={from} onFrom={setFrom} />}
        </FromFleet>
      ) : (
        <FromFleet<DumpList> path={`dumps?text=${encodeURIComponent(words)}`}>
          {(list) => <Found list={list} />}
        </FromFleet>
      )}
    </>
  );
}

function Search({ onSearch }: { readonly onSearch: (words: string) => void }) {
  const [typed, setTyped] = useState('');
  const submit = (event: Event) => {
    event.preventDefault();
    onSearch(typed.trim());
  };
  return (
    <form class="fleet-search" role="search" onSubmit={submit}>
      <input
        type="search"
        name="dumps"
        aria-label="Search of all dumps"
        placeholder="driver, machine, tag, bug check, hash"
        value={typed}
        onInput={(event) => {
          setTyped(event.currentTarget.value);
          if (event.currentTarget.value === '') onSearch('');
        }}
      />
      <button type="submit">Search</button>
    </form>
  );
}

interface BucketsProps {
  readonly list: BucketList;
  readonly from: number;
  readonly onFrom: (from: number) => void;
}

function Buckets({ list: { total, buckets }, from, onFrom }: BucketsProps) {
  const days = useFleet<DayList>('days');
  const titles = new Map(buckets.map(({ id, title }) => [id, title]));
  const last = from + buckets.length;
  return (
    <div class="view wide">
      <h1>Fleet</h1>
      <p class="sub">
        {counted(total, 'bucket')}, the largest first. <a href={fleetAddress('export/buckets.csv')}>CSV</a>{' '}
        <a href={fleetAddress('export/buckets.jsonl')}>JSON</a>
      </p>
      {buckets.length === 0 && <Empty>No dump was analyzed yet.</Empty>}
      {/* The place of the chart is kept, so that nothing moves when it comes. */}
      {buckets.length > 0 && days.state !== 'failed' && (
        <div class="days-place">
          {days.state === 'here' && (
            <DaysChart days={days.value.days} titleOf={(id) => titles.get(id) ?? id} />
          )}
        </div>
      )}
      {buckets.length > 0 && <BucketTable buckets={buckets} />}
      {(from > 0 || last < total) && (
        <p class="pages">
          <button type="button" disabled={from === 0} onClick={() => onFrom(Math.max(0, from - perPage))}>
            Larger ones
          </button>
          <button type="button" disabled={last >= total} onClick={() => onFrom(last)}>
            Smaller ones
          </button>
        </p>
      )}
    </div>
  );
}

const BucketTable = ({ buckets }: { readonly buckets: readonly BucketLine[] }) => (
  <div class="scroll-x">
    <table class="grid">
      <thead>
        <tr>
          <th scope="col" class="number">
            Dumps
          </th>
          <th scope="col" class="number">
            Machines
          </th>
          <th scope="col">Last seen</th>
          <th scope="col">Kind</th>
          <th scope="col">Suspect</th>
          <th scope="col">Signature</th>
        </tr>
      </thead>
      <tbody>
        {buckets.map(({ id, title, count, machines, lastSeen, kind, suspect }) => (
          <tr key={id}>
            <td class="number">{count.toLocaleString('en')}</td>
            <td class="number">{machines.toLocaleString('en')}</td>
            <td class="mono">{timeText(lastSeen).slice(0, 10)}</td>
            <td>{kind?.replaceAll('-', ' ') ?? ''}</td>
            <td>{suspect ?? ''}</td>
            <td class="words">
              <a href={linkTo('bucket', id)}>{title}</a>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);

function Found({ list: { total, dumps } }: { readonly list: DumpList }) {
  return (
    <div class="view wide">
      <h1>Search</h1>
      <p class="sub" role="status">
        {counted(total, 'dump')}, the last crashes first
        {total > dumps.length ? `; ${dumps.length} are shown` : ''}.
      </p>
      {dumps.length === 0 ? <Empty>No dump has all of these words.</Empty> : <DumpsTable dumps={dumps} />}
    </div>
  );
}
