import type { Report } from '@poolscope/engine';
import { counted } from '../../app/words.ts';

interface ByteGridProps {
  readonly page: string;
  readonly bytes: { readonly at: string; readonly hex: string };
  readonly damage: Report['verdict']['damage'];
}

interface Cell {
  readonly digits: string;
  readonly isHit: boolean;
}

const perRow = 16;
const mostRows = 16;

/** The damaged bytes with some around them: digits above characters. */
export function ByteGrid({ page, bytes, damage }: ByteGridProps) {
  const start = BigInt(bytes.at);
  const cells = cellsOf(bytes.hex, start, damage);
  const rows: Cell[][] = [];
  for (let at = 0; at < cells.length && rows.length < mostRows; at += perRow)
    rows.push(cells.slice(at, at + perRow));
  const hits = rows.flat().filter(({ isHit }) => isHit).length;
  const all = damage?.length ?? hits;
  return (
    <>
      <div class="bytes" aria-hidden="true">
        {rows.map((row, index) => (
          <div class="bytes-row" key={index}>
            <span class="dim">+{(Number(start - BigInt(page)) + index * perRow).toString(16)}</span>
            {row.map(({ digits, isHit }, column) => (
              <span key={column} class={isHit ? 'byte hit' : 'byte'}>
                {digits}
                <i>{letter(digits)}</i>
              </span>
            ))}
          </div>
        ))}
      </div>
      <figcaption class="dim">
        {hits < all ? `the first ${hits} of ${counted(all, 'damaged byte')}` : counted(hits, 'damaged byte')}
        {damage?.text !== null && damage?.text !== undefined ? `: “${damage.text}”` : ''}
      </figcaption>
    </>
  );
}

function cellsOf(hex: string, start: bigint, damage: ByteGridProps['damage']): Cell[] {
  const from = damage === null ? 0n : BigInt(damage.start);
  const end = from + BigInt(damage?.length ?? 0);
  return (hex.match(/../g) ?? []).map((digits, index) => {
    const at = start + BigInt(index);
    return { digits, isHit: at >= from && at < end };
  });
}

function letter(digits: string): string {
  const code = Number.parseInt(digits, 16);
  return code >= 0x21 && code < 0x7f ? String.fromCharCode(code) : '·';
}
