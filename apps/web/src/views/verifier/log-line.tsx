import { useApp } from '../../app/app-context.ts';
import { linkTo } from '../../app/route.ts';
import { addressText } from '../../app/words.ts';
import type { LogEntry } from '../../protocol/views.ts';

const most = 5;

const deeds = { allocation: 'alloc', free: 'free', unknown: '?' };

/** One allocation or free: the block, and who asked. Its place in time is its place in the list. */
export function LogLine({ entry, order }: { readonly entry: LogEntry; readonly order: number }) {
  const app = useApp();
  const pointerSize = app.opened.value?.pointerSize ?? 8;
  const address = addressText(entry.address, pointerSize);
  // The functions of the verifier and of the pool are above the one who asked.
  const callers = entry.stack.filter(({ name }) => name === undefined || !/^nt[!+]/.test(name));
  const shown = (callers.length === 0 ? entry.stack : callers).slice(0, most);
  return (
    <div class="log-line">
      <span class="dim number">{order === 0 ? 'newest' : `−${order}`}</span>
      <span class={`deed deed-${entry.deed ?? 'unknown'}`}>{deeds[entry.deed ?? 'unknown']}</span>
      <button type="button" class="run mono" onClick={() => app.runShown(`!pool ${address}`)}>
        {address}
      </button>
      <span class="mono number">{entry.size.toString(16)}</span>
      <span class="mono log-stack">
        {shown.map(({ address: at, name }, index) => (
          <a key={index} class="to" href={linkTo('code', at)}>
            {name ?? addressText(at, pointerSize)}
          </a>
        ))}
      </span>
      <button type="button" class="quiet" onClick={() => app.runShown(`!verifier 80 ${address}`)}>
        all of this block
      </button>
    </div>
  );
}
