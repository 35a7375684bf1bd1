import { BufferSource, DebuggerError, lineText, openSession, type Session } from '@poolscope/engine';
import { buildMachine, type DumpKind, dumpBytes, type MachineOptions } from '@poolscope/lab';
import { describe, expect, it } from 'vitest';

/** Commands whose output is kept: good cases, missing memory, wrong arguments. */
const commands = [
  'vertarget',
  '.bugcheck',
  'r',
  'r rip, $ip, nosuch',
  'r $ip',
  'k',
  'kn 3',
  '.exr -1',
  '.exr 0',
  '.cxr $bug_param3',
  'k 4',
  'u . L3',
  'u nt!KeBugCheckEx L4',
  '.cxr',
  '.trap 0',
  'lm',
  'lm t n',
  'lmvm nt',
  'lm m s*',
  'lm a nt!KeBugCheckEx',
  'db nt L40',
  'dw nt L8',
  'dd nt L6',
  'dq nt L3',
  'dc nt L8',
  'dps $csp L4',
  'da nt+0n78',
  'db 0 L20',
  'dq fffff`ffffffff L2',
  'u 0',
  '!pte nt',
  '!pte 0',
  '!vtop 0 nt',
  '!vtop 4f4f4f4f`4f4f4f4f',
  '!dd 1000 L4',
  '!db 7fffffff000',
  '.enumtag',
  '.enumtag {12345678-1234-1234-1234-123456789abc}',
  '? nt!KeBugCheckEx - nt',
  '? poi(nt!PsLoadedModuleList) != 0',
  '? -1',
  '? 1 +',
  'db',
  'lm a 0',
  'lm foo',
  'lm 1m s*',
  'lmDvmhal',
  'db luafv',
  'r eax, al, r8d',
  'u . .+3',
  '? 0x11112222333344445',
  '?? 1',
  'k L2',
  'nosuchcommand',
  '.help db',
];

const dumps: readonly (readonly [string, MachineOptions, DumpKind])[] = [
  ['x64-kernel', {}, 'bitmap-kernel'],
  ['x64-small', {}, 'triage'],
  ['x64-page-fault', { crash: 'page-fault' }, 'bitmap-kernel'],
  ['x64-header', {}, 'header'],
  ['x86-full', { architecture: 'x86' }, 'full'],
  ['arm64-small', { architecture: 'arm64' }, 'triage'],
];

function outputOf(session: Session, command: string): string {
  try {
    return session.execute(command).lines.map((line) => lineText(line).trimEnd()).join('\n');
  } catch (error) {
    if (!(error instanceof DebuggerError)) throw error;
    return `${error.message}\n  ${error.remedy}`;
  }
}

describe('console transcripts', () => {
  it.each(dumps)('%s', async (name, options, type) => {
    const session = await openSession(new BufferSource(dumpBytes(buildMachine(options), { type })), { path: `${name}.dmp` });
    const transcript = commands.map((command) => `kd> ${command}\n${outputOf(session, command)}\n`).join('\n');
    await expect(transcript).toMatchFileSnapshot(`${name}.txt`);
  });
});
