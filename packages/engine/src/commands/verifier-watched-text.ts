import type { Va } from '../base/index.ts';
import type { CrashedSystem } from '../system/index.ts';
import type { WatchedIrp, WatchedIrps } from '../verifier/index.ts';
import { countText, hexText, pointerSpan } from './object-text.ts';
import { type Line, span } from './output.ts';

/** Requests that were cancelled and are waited for; the layout is this program's. */
export function watchedIrpLines(
  system: CrashedSystem,
  { irps, trouble }: WatchedIrps,
  asked: Va | undefined,
): Line[] {
  const width = system.target.pointerSize * 2;
  if (irps.length === 0) return [noneLine(system, trouble, asked)];
  return [
    ['Cancelled IRPs that Driver Verifier watches:'],
    [''],
    [span(`${'Irp'.padEnd(width)}  Due tick  Timeout   Stack  Entry`, 'heading')],
    ...irps.map((irp) => watchedLine(system, irp)),
    ...(trouble === undefined ? [] : [[span(`The list is not whole: ${trouble}.`, 'warning')]]),
  ];
}

/** A list that ends early does not tell that there is nothing on it. */
function noneLine({ plainText }: CrashedSystem, trouble: string | undefined, asked: Va | undefined): Line {
  const what = asked === undefined ? 'No cancelled IRP' : `The IRP ${plainText(asked)}`;
  return trouble === undefined
    ? [`${what} is ${asked === undefined ? '' : 'not '}being watched.`]
    : [
        span(
          `${what} is ${asked === undefined ? '' : 'not '}on what there is of the list: ${trouble}.`,
          'warning',
        ),
      ];
}

function watchedLine(system: CrashedSystem, irp: WatchedIrp): Line {
  const { address, dueTickCount, timeoutTicks, stackLocation } = irp;
  return [
    pointerSpan(system, irp.irp, '!irp'),
    `  ${hexText(dueTickCount, 8)}  ${hexText(timeoutTicks, 8)}  ${countText(stackLocation).padStart(5)}  `,
    pointerSpan(system, address, 'dt nt!_VF_WATCHDOG_IRP'),
  ];
}
