import { CensusPart } from '@poolscope/engine';
import { useEffect, useRef, useState } from 'preact/hooks';
import { tagColour } from '../../parts/tag-colour.ts';
import type { BlockDetail } from '../../protocol/pool-map.ts';
import type { MapController } from '../map-controller.ts';
import { selectedAddress } from '../model/places.ts';
import { addressText, hexText, pageText, partText, poolTitles, tagText } from '../words.ts';

interface BlockPanelProps {
  readonly controller: MapController;
  readonly readBlock: (address: bigint) => Promise<BlockDetail>;
  readonly onCommand: (command: string) => void;
}

/** What is known of the selected block. */
export function BlockPanel({ controller, readBlock, onCommand }: BlockPanelProps) {
  const selected = controller.selected.value;
  const address = selected === undefined ? undefined : selectedAddress(controller.data, selected);
  const detail = useDetail(address, readBlock);
  if (selected === undefined || address === undefined)
    return <Nothing isEmpty={controller.data.counts.pages === 0} />;
  const { data } = controller;
  const { part, page } = selected;
  const tag = part === undefined ? undefined : data.tags[data.tagOf(part)];
  const isNamed = tag !== undefined && tag.text !== '';
  const title = isNamed ? tagText(tag.text) : part === undefined ? 'Page' : titles[data.partOf(part)];
  const isBlock = part !== undefined && data.partOf(part) <= CensusPart.unknown;
  const owner = detail?.owner ?? tag?.owner;
  return (
    <section class="pool-panel" aria-label="Selected block">
      <header>
        {isNamed && <i class="pool-chip" style={{ background: `var(--tag${tagColour(tag.text)})` }} />}
        <h3>{title}</h3>
        <code>{addressText(address)}</code>
      </header>
      <p class="pool-state">
        {part === undefined
          ? pageText(data.whatOf(page))
          : `0x${hexText(data.sizeOf(part))} bytes, ${(isBlock ? detail?.state : undefined) ?? partText(data.partOf(part))}`}
      </p>
      <p class="pool-dim">
        {detail?.region ?? poolTitles[data.poolOf(page)]}
        {owner !== undefined && <> · {owner}</>}
      </p>
      <Damage detail={detail} />
      <Fields detail={detail} />
      <Facts detail={detail} />
      <Commands commands={detail?.commands ?? [`!pool ${addressText(address)}`]} onCommand={onCommand} />
    </section>
  );
}

/** What has no tag has a title. */
const titles: Readonly<Record<CensusPart, string>> = {
  [CensusPart.allocated]: 'No tag',
  [CensusPart.free]: 'Free',
  [CensusPart.lookaside]: 'Freed',
  [CensusPart.deferred]: 'Freed',
  [CensusPart.aside]: 'Freed',
  [CensusPart.unknown]: 'Block',
  [CensusPart.damage]: 'Damage',
  [CensusPart.missing]: 'Missing',
  [CensusPart.slop]: 'Slop',
  [CensusPart.changed]: 'Slop, changed',
  [CensusPart.header]: 'Header',
};

function Nothing({ isEmpty }: { readonly isEmpty: boolean }) {
  if (isEmpty) return <section class="pool-panel" aria-label="Selected block" />;
  return (
    <section class="pool-panel pool-panel-empty" aria-label="Selected block">
      <p>Choose a page or a block to see its header.</p>
      <dl class="pool-keys">
        <dt>arrows</dt>
        <dd>next block, next page</dd>
        <dt>+ −</dt>
        <dd>closer, further</dd>
        <dt>Enter Esc</dt>
        <dd>into it, out of it</dd>
        <dt>n N</dt>
        <dd>next damage or find, the one before</dd>
        <dt>/</dt>
        <dd>search</dd>
      </dl>
    </section>
  );
}

interface DetailProps {
  readonly detail: BlockDetail | undefined;
}

function Damage({ detail }: DetailProps) {
  if (detail === undefined || detail.damage.length === 0) return null;
  return (
    <ul class="pool-damages">
      {detail.damage.map((text) => (
        <li key={text}>{text}</li>
      ))}
    </ul>
  );
}

function Fields({ detail }: DetailProps) {
  if (detail === undefined || detail.fields.length === 0) return null;
  return (
    <table class="pool-fields">
      <caption>Header</caption>
      <tbody>
        {detail.fields.map(({ name, offset, value, meaning, isWrong }) => (
          <tr key={name} class={isWrong === true ? 'pool-hot' : undefined}>
            <td class="pool-dim">{offsetText(offset)}</td>
            <th scope="row">{name}</th>
            <td>
              <code>{value}</code>
            </td>
            <td class="pool-dim">{meaning}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const offsetText = (offset: number): string =>
  `${offset < 0 ? '−' : '+'}${Math.abs(offset).toString(16).padStart(2, '0')}`;

function Facts({ detail }: DetailProps) {
  if (detail === undefined || detail.facts.length === 0) return null;
  return (
    <ul class="pool-facts">
      {detail.facts.map((text) => (
        <li key={text}>{text}</li>
      ))}
    </ul>
  );
}

interface CommandsProps {
  readonly commands: readonly string[];
  readonly onCommand: (command: string) => void;
}

function Commands({ commands, onCommand }: CommandsProps) {
  return (
    <p class="pool-commands">
      {commands.map((command) => (
        <button type="button" key={command} onClick={() => onCommand(command)}>
          {command}
        </button>
      ))}
    </p>
  );
}

/** Time that the selection has to rest before its block is read: keys run over many. */
const restTime = 90;

/** The detail of an address; of the one before nothing is shown. */
function useDetail(
  address: bigint | undefined,
  readBlock: BlockPanelProps['readBlock'],
): BlockDetail | undefined {
  const [known, setKnown] = useState<{ readonly at: bigint; readonly detail: BlockDetail }>();
  const read = useRef(readBlock);
  read.current = readBlock;
  useEffect(() => {
    if (address === undefined) return undefined;
    let isWanted = true;
    const take = async (): Promise<void> => {
      try {
        const detail = await read.current(address);
        if (isWanted) setKnown({ at: address, detail });
      } catch {
        // What cannot be read is shown as far as the map knows it.
      }
    };
    const timer = setTimeout(() => void take(), restTime);
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [address]);
  return known !== undefined && known.at === address ? known.detail : undefined;
}
