import type { Report } from '@poolscope/engine';
import { useApp } from '../../app/app-context.ts';
import { linkTo } from '../../app/route.ts';
import { padded } from '../../app/words.ts';
import { CommandLink } from '../../parts/command-link.tsx';

/** The bug check with what its parameters mean, and the instruction that it came to. */
export function CrashView() {
  const app = useApp();
  const report = app.report.value;
  if (report === undefined) return null;
  const { bugcheck, fault } = report;
  return (
    <div class="view">
      <h1>
        <span class="mono">{bugcheck.code.slice(2).toUpperCase()}</span> {bugcheck.name}
      </h1>
      <p class="lead">{bugcheck.description}</p>
      <h2>Parameters</h2>
      <table class="facts">
        <tbody>
          {bugcheck.parameters.map((value, index) => (
            <tr key={index}>
              <th scope="row">{index + 1}</th>
              <td class="mono">
                {isKernelAddress(value, report.dump.machine) ? (
                  <a class="to" href={linkTo('memory', value.slice(2))}>
                    {padded(report, value)}
                  </a>
                ) : (
                  padded(report, value)
                )}
              </td>
              <td>{bugcheck.meanings[index] ?? ''}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {fault !== null && <Place report={report} fault={fault} />}
      <h2>The debugger's own words</h2>
      <p>
        <CommandLink command="!analyze -v" /> <CommandLink command=".bugcheck" />{' '}
        <CommandLink command=".lastevent" />
      </p>
    </div>
  );
}

const FaultRow = ({
  name,
  children,
}: {
  readonly name: string;
  readonly children: preact.ComponentChildren;
}) => (
  <tr>
    <th scope="row">{name}</th>
    <td>{children}</td>
  </tr>
);

/** The instruction, where it is, and what it touched. */
function Place({ report, fault }: { readonly report: Report; readonly fault: NonNullable<Report['fault']> }) {
  return (
    <>
      <h2>Where it happened</h2>
      <table class="facts">
        <tbody>
          <FaultRow name="Instruction">
            <span class="mono">{fault.instruction ?? 'not in the dump'}</span>
          </FaultRow>
          <FaultRow name="At">
            {fault.ip === null ? (
              'not known'
            ) : (
              <a class="to mono" href={linkTo('code', fault.ip.slice(2))}>
                {fault.symbol ?? padded(report, fault.ip)}
              </a>
            )}
          </FaultRow>
          <FaultRow name={accesses[fault.access ?? 'none']}>
            {fault.address === null ? (
              'the address was not recorded'
            ) : (
              <>
                <a class="to mono" href={linkTo('memory', fault.address.slice(2))}>
                  {padded(report, fault.address)}
                </a>{' '}
                <span class="dim">known by {fault.addressFrom}</span>
              </>
            )}
          </FaultRow>
        </tbody>
      </table>
    </>
  );
}

/** Half of the address space is the kernel's: `0xffff8000…` and above, of 32 bits `0x80000000` and above. */
const isKernelAddress = (value: string, machine: Report['dump']['machine']): boolean =>
  (machine === 'x86' ? /^0x[89a-f][0-9a-f]{7}$/ : /^0xffff[89a-f][0-9a-f]{11}$/).test(value);

const accesses = { read: 'Read', write: 'Wrote', execute: 'Executed', none: 'Access' };
