import type { Report } from '@poolscope/engine';
import type { ComponentChildren } from 'preact';
import { useContext } from 'preact/hooks';
import { linkTo } from '../../app/route.ts';
import { counted, padded } from '../../app/words.ts';
import { DumpHere } from '../../parts/dump-here.ts';

const mostVictims = 8;

/** What the verdict is about, in numbers. */
export function Facts({ report }: { readonly report: Report }) {
  const { block, victims, damage, freedAddress } = report.verdict;
  const isHere = useContext(DumpHere);
  if (block === null && victims.length === 0 && damage === null && freedAddress === null) return null;
  const place = (value: string) =>
    !isHere ? (
      <span class="mono">{padded(report, value)}</span>
    ) : (
      <a class="to mono" href={linkTo('memory', value.slice(2))}>
        {padded(report, value)}
      </a>
    );
  return (
    <section aria-labelledby="facts-title">
      <h2 id="facts-title">What was damaged</h2>
      <table class="facts">
        <tbody>
          {block !== null && <Fact name="Block">{[place(block.address), blockText(block)]}</Fact>}
          {victims.slice(0, mostVictims).map((victim) => (
            <Fact name="Was hit" key={victim.address}>
              {[place(victim.address), blockText(victim)]}
            </Fact>
          ))}
          {damage !== null && <Fact name="Damage">{[place(damage.start), damageText(damage)]}</Fact>}
          {freedAddress !== null && <Fact name="Freed address">{place(freedAddress)}</Fact>}
        </tbody>
      </table>
    </section>
  );
}

const Fact = ({ name, children }: { readonly name: string; readonly children: ComponentChildren }) => (
  <tr>
    <th scope="row">{name}</th>
    <td>{children}</td>
  </tr>
);

const allocators: Readonly<Record<string, string>> = {
  classic: 'classic allocator',
  big: 'large allocation',
  special: 'special pool',
  vs: 'segment heap (VS)',
  lfh: 'segment heap (LFH)',
  segment: 'segment heap',
  large: 'segment heap (large)',
};

interface AnyBlock {
  readonly size: number | null;
  readonly tag: string | null;
  readonly state: string | null;
  readonly pool?: string | null;
  readonly allocator?: string | null;
}

function blockText({ size, tag, state, pool = null, allocator = null }: AnyBlock): string {
  const parts = [
    size === null ? 'size not known' : `0x${size.toString(16)} bytes`,
    tag === null ? '' : `tag ${tag.trim()}`,
    pool === null ? '' : `${pool} pool`,
    allocator === null ? '' : (allocators[allocator] ?? allocator),
    state ?? '',
  ];
  return ` ${parts.filter((part) => part !== '').join(', ')}`;
}

function damageText({ length, pattern, text }: NonNullable<Report['verdict']['damage']>): string {
  const parts = [
    length === null ? 'length not known' : counted(length, 'byte'),
    pattern ?? '',
    text === null ? '' : `“${text}”`,
  ];
  return ` ${parts.filter((part) => part !== '').join(', ')}`;
}
