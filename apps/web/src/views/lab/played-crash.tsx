import { useState } from 'preact/hooks';
import { useApp } from '../../app/app-context.ts';
import { sizeText } from '../../app/progress.ts';
import { saveFile } from '../../open/save-file.ts';
import type { Played, TruthFact } from '../../protocol/lab.ts';
import { StepPlayer } from './step-player.tsx';

/** The machine has stopped: its steps, its dump, and on demand what really happened. */
export function PlayedCrash({ played }: { readonly played: Played }) {
  const app = useApp();
  const [isTold, setTold] = useState(false);
  const { dump, fileName, build, bugCheck, truth, steps, page } = played;
  const openDump = async () => {
    await app.open(dump, fileName);
    app.go('verdict');
  };
  return (
    <section class="played" aria-label="The crash">
      <p>
        The machine stopped with bug check <b class="mono">{bugCheck.toString(16)}</b>. {fileName}:{' '}
        {sizeText(dump.size)}, Windows build {build}.
      </p>
      <p class="choose">
        <button type="button" class="primary" onClick={() => void openDump()}>
          Open the dump
        </button>
        <button type="button" onClick={() => saveFile(dump, fileName)}>
          Save it
        </button>
        <button type="button" aria-expanded={isTold} onClick={() => setTold(!isTold)}>
          {isTold ? 'Hide what really happened' : 'What really happened'}
        </button>
      </p>
      {isTold && truth !== undefined && <Truth truth={truth} />}
      {steps.length > 0 && <StepPlayer steps={steps} page={page} />}
    </section>
  );
}

function Truth({ truth }: { readonly truth: TruthFact }) {
  const { kind, culprit, block, damage, freedAddress } = truth;
  const hex = (value: bigint) => value.toString(16);
  return (
    <table class="facts">
      <tbody>
        <Row name="Kind" text={kind.replaceAll('-', ' ')} />
        <Row name="Who" text={culprit ?? 'nobody in particular'} />
        {block !== undefined && (
          <Row
            name="Block"
            text={`${hex(block.address)}, 0x${block.size.toString(16)} bytes, tag ${block.tag}`}
          />
        )}
        {damage !== undefined && (
          <Row name="Damage" text={`${hex(damage.start)}, ${damage.length} bytes, ${damage.pattern}`} />
        )}
        {freedAddress !== undefined && <Row name="Freed address" text={hex(freedAddress)} />}
      </tbody>
    </table>
  );
}

const Row = ({ name, text }: { readonly name: string; readonly text: string }) => (
  <tr>
    <th scope="row">{name}</th>
    <td>{text}</td>
  </tr>
);
