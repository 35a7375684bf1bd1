import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { signExtend32, type Va } from '../base/index.ts';
import type { Machine } from '../cpu/index.ts';
import { instructionLine, loadDisassembler, type Symbolize } from './index.ts';

/** Lines of the debugger, compared as they are: address, bytes, columns and text. */
const x64 = [
  'fffff804`789a114c ff15de0e0000    call    qword ptr [Driver+0x2030 (fffff804`789a2030)]',
  'fffff804`789a1152 ba31427257      mov     edx,57724231h',
  'fffff807`1b09aae3 cd29            int     29h',
  'fffff801`6470c132 cc              int     3',
  'fffff807`3d05100c 4156            push    r14',
  'fffff803`3652fdf0 4053            push    rbx',
  'fffff807`3d05100e 488d6c24b9      lea     rbp,[rsp-47h]',
  'fffff807`3d051013 4881ecf0000000  sub     rsp,0F0h',
  'fffff807`3d051028 0f1005910e0000  movups  xmm0,xmmword ptr [Driver+0x1ec0 (fffff807`3d051ec0)]',
  'fffff807`3d05104b 4883c8ff        or      rax,0FFFFFFFFFFFFFFFFh',
  'fffff807`3d051052 f20f1005860e0000 movsd   xmm0,mmword ptr [Driver+0x1ee0 (fffff807`3d051ee0)]',
  'fffff807`3d05105e f20f11452f      movsd   mmword ptr [rbp+2Fh],xmm0',
  'fffff807`3d05106d 6644393442      cmp     word ptr [rdx+rax*2],r14w',
  'fffff807`3d051072 75f6            jne     Driver+0x106a (fffff807`3d05106a)',
  'fffff807`3d051099 c744244020000000 mov     dword ptr [rsp+40h],20h',
  'fffff807`3d0510dd f30f7f45ff      movdqu  xmmword ptr [rbp-1],xmm0',
  'fffff807`3d0510ec 0faee8          lfence',
  'fffff807`3d05111c b89a0000c0      mov     eax,0C000009Ah',
  'fffff807`3d05112f 48d1ea          shr     rdx,1',
  'fffff807`3d051160 e89b080000      call    Driver+0x1a00 (fffff807`3d051a00)',
  'fffff807`3d0511d7 4c8d9c24f0000000 lea     r11,[rsp+0F0h]',
  'fffff807`3d0511ee c3              ret',
  'fffff801`197f1cf1 666666666666660f1f840000000000 nop word ptr [rax+rax]',
  'fffff801`197f1d09 0f105c1120      movups  xmm3,xmmword ptr [rcx+rdx+20h]',
  'fffff800`9267242e 49875500        xchg    rdx,qword ptr [r13]',
  'fffff800`92411bc6 e945042600      jmp     nt!ExAllocatePoolWithTag (fffff800`92672010)',
  'fffff802`753ddf54 9c              pushfq',
  'fffff802`753ddf5a 65488b0c2520000000 mov   rcx,qword ptr gs:[20h]',
  'fffff802`753ee312 65f604257802000001 test  byte ptr gs:[278h],1',
  'fffff802`753ee325 650fb604257a020000 movzx eax,byte ptr gs:[27Ah]',
  'fffff802`753ee335 0f30            wrmsr',
  'fffff802`753ee345 0f01f8          swapgs',
  'fffff802`753ee53f 480f4305112fc3ff cmovae  rax,qword ptr [nt!MmUserProbeAddress (fffff802`75021458)]',
  'fffff802`753ee582 0fae5dac        stmxcsr dword ptr [rbp-54h]',
  'fffff802`753ee586 650fae142580010000 ldmxcsr dword ptr gs:[180h]',
  'fffff802`753ee593 0f294d00        movaps  xmmword ptr [rbp],xmm1',
  'fffff802`753ee5a7 f6059ecf9000ff  test    byte ptr [nt!KeSmapEnabled (fffff802`75cfb54c)],0FFh',
  'fffff802`753ee5bc f785f800000000020000 test dword ptr [rbp+0F8h],200h',
  'fffff802`75a22d4d 650fba24251890000001 bt  dword ptr gs:[9018h],1',
  'fffff802`75a22d62 0f22dc          mov     cr3,rsp',
  'fffff802`75a22d9f 65488324251000000000 and qword ptr gs:[10h],0',
  'fffff803`3652ff69 450f22c0        mov     cr8,r8',
  'fffff803`3652ffa8 41c784249c00000001000000 mov dword ptr [r12+9Ch],1',
  'fffff803`36530154 48836358fe      and     qword ptr [rbx+58h],0FFFFFFFFFFFFFFFEh',
  'fffff803`36530115 f048832100      lock and qword ptr [rcx],0',
  'fffff803`365300c0 f0490fbaad4007000000 lock bts qword ptr [r13+740h],0',
  'fffff803`21cae86f f00fba2dc84731001f lock bts dword ptr [nt!MiSegmentListLock (fffff803`21fc3040)],1Fh',
  'fffff802`0cb3839c f0480fc70f      lock cmpxchg16b oword ptr [rdi]',
  'fffff803`d9e0eb68 48b8eefeeefeeefeeefe mov rax,0FEEEFEEEFEEEFEEEh',
  'fffff803`d9e0eb75 f348ab          rep stos qword ptr [rdi]',
  'fffff880`018a51f6 f3a4            rep movs byte ptr [rdi],byte ptr [rsi]',
  'fffff801`803cab39 48a10800000080f7ffff mov rax,qword ptr [FFFFF78000000008h]',
  'fffff780`00000aa8 488d354d000000  lea     rsi,[fffff780`00000afc]',
  '00000001`800034e9 e922032400      jmp     00000001`80243810',
  '00007ffd`2a6e1fb8 f604250803fe7f01 test    byte ptr [SharedUserData+0x308 (00000000`7ffe0308)],1',
  '00007ff8`fb12ee52 0f05            syscall',
  '00007ffa`44124b40 48ff15f9db2700  call    qword ptr [dwmcore!_imp__finite (00007ffa`443a2740)]',
  '00007ffa`4d27f24b 48ffe0          jmp     rax',
  'fffff801`8b8538cd 48f7b42490000000 div     rax,qword ptr [rsp+90h]',
  'fffff801`58b37d2e 48f7e1          mul     rax,rcx',
  '00007ff9`997506ed f6243a          mul     al,byte ptr [rdx+rdi]',
  '00007ff6`3be11064 f77c2428        idiv    eax,dword ptr [rsp+28h]',
  'fffff607`893442cd f6ff            idiv    bh',
  'fffff803`d9966fea 48f7e9          imul    rcx',
  'fffff800`7ead1133 486bc046        imul    rax,rax,46h',
  'fffff80e`6c60830a 4869c2e8030000  imul    rax,rdx,3E8h',
  'fffff803`21cf54ae 6690            xchg    ax,ax',
  '00007ffd`87f06e70 0f0d09          prefetchw [rcx]',
  'fffff803`d9dbcfc5 0f0d0d8c0bdbff  prefetchw [nt!CmpShutdownRundown (fffff803`d9b6db58)]',
  'ffffdc0e`9ee6685a e69e            out     9Eh,al',
  'ffffdc0e`9ee6685d dcff            fdiv    st(7),st',
  'fffff607`893442ea 6e              outs    dx,byte ptr [rsi]',
  '00007ffc`0f1d48fd 6c              ins     byte ptr [rdi],dx',
  'fffff803`21ee3839 4863c6          movsxd  rax,esi',
];

const x86 = [
  '82e72b99 64a124010000    mov     eax,dword ptr fs:[00000124h]',
  '8054311a 648b3d04000000  mov     edi,dword ptr fs:[4]',
  '8053d875 8b1d24f1dfff    mov     ebx,dword ptr ds:[0FFDFF124h]',
  '804f9f94 3ea120f0dfff    mov     eax,dword ptr ds:[FFDFF020h]',
  '8003f126 a330f30380      mov     dword ptr ds:[8003F330h],eax',
  '83fa30b1 83b8000bf88300  cmp     dword ptr nt!KeServiceDescriptorTable (83f80b00)[eax],0',
  '82c6d437 39049560d7b882  cmp     dword ptr nt!ObTypeIndexTable (82b8d760)[edx*4],eax',
  '8056a426 6844be5480      push    offset nt!IopTimerLock (8054be44)',
  '8056a42e b960295580      mov     ecx,offset nt!IopTimerQueueHead (80552960)',
  '82154573 f3a5            rep movs dword ptr es:[edi],dword ptr [esi]',
  '02161bd1 a5              movs    dword ptr es:[edi],dword ptr [esi]',
  '10001f32 aa              stos    byte ptr es:[edi]',
  '0040249b ffd0            call    eax',
  '00408645 c7852cfbffff00000000 mov dword ptr [ebp-4D4h],0',
  '046bea78 0f8411000000    je      046bea8f',
  '00403778 ff25a4914000    jmp     dword ptr [FTPServer+0x91a4 (004091a4)]',
  '804e4c1b c21000          ret     10h',
  '00f075c1 f2c3            bnd ret',
];

const arm64 = [
  '00000001`80243810 d503237f pacibsp',
  '00000001`80243814 a9bc7bfd stp         fp,lr,[sp,#-0x40]!',
  '00000001`80243820 f9001bf9 str         x25,[sp,#0x30]',
  '00000001`80243824 910003fd mov         fp,sp',
  '00000001`8024382c d10083ff sub         sp,sp,#0x20',
  'fffff803`dfee6b70 f944c648 ldr         x8,[xpr,#0x988]',
  'fffff803`dfee6b74 f9405900 ldr         x0,[x8,#0xB0]',
  'fffff803`dfee6b78 d65f03c0 ret',
  'fffff802`8c407570 d43e0000 brk         #0xF000',
  'fffff802`e9e5df70 97fffcc4 bl          nt!KeBugCheck2 (fffff802`e9e5d280)',
  'fffff802`ea69dc1c 540002c1 bne         nt!KiSystemStartup+0xb4 (fffff802`ea69dc74)',
  'fffff802`ea3773f0 b4000293 cbz         x19,nt!EtwpDestructIptData+0x68 (fffff802`ea377440)',
  'fffff802`ea69dc80 35000128 cbnz        w8,nt!KiSystemStartup+0xe4 (fffff802`ea69dca4)',
  'fffff802`ea69dc34 36800208 tbz         w8,#0x10,nt!KiSystemStartup+0xb4 (fffff802`ea69dc74)',
  'fffff802`ea69dc78 36100168 tbz         w8,#2,nt!KiSystemStartup+0xe4 (fffff802`ea69dca4)',
  'fffff802`ea377420 d63f01e0 blr         x15',
  '00007ff8`bad44ef0 d63f0220 blr         xip1',
  '00007ff8`bad44f00 a8c47bfd ldp         fp,lr,[sp],#0x40',
  '00007ff8`bad44f04 a9426bf9 ldp         x25,x26,[sp,#0x20]',
];

interface Listed {
  readonly address: Va;
  readonly bytes: Uint8Array;
  readonly symbolize: Symbolize;
}

const toVa = (text: string): Va =>
  text.includes('`') ? BigInt(`0x${text.replace('`', '')}`) : signExtend32(Number.parseInt(text, 16));

/** Takes a line apart. Names come from the line: what is tested is where and how they are shown. */
function parseLine(line: string, machine: Machine): Listed {
  const [, address, code] = /^(\S+) ([0-9a-f]+)/.exec(line)!;
  const bytes = Uint8Array.from(code!.match(/../g)!, (digits) => Number.parseInt(digits, 16));
  const names = new Map<Va, string>();
  for (const [, name, va] of line.matchAll(/([^\s,[{]+) \(([0-9a-f]{8}(?:`[0-9a-f]{8})?)\)/g)) {
    names.set(toVa(va!), name!);
  }
  return {
    address: toVa(address!),
    bytes: machine === 'arm64' ? bytes.reverse() : bytes,
    symbolize: (va) => names.get(va),
  };
}

const tables: readonly [Machine, readonly string[]][] = [
  ['x64', x64],
  ['x86', x86],
  ['arm64', arm64],
];

describe.each(tables)('%s listing lines', (machine, lines) => {
  it.each(lines)('%s', async (line) => {
    const { address, bytes, symbolize } = parseLine(line, machine);
    const instruction = (await loadDisassembler(machine)).decode(bytes, address);
    expect(instruction?.length).toBe(bytes.length);
    expect(instructionLine(instruction!, symbolize)).toBe(line);
  });
});

const shared = fileURLToPath(new URL('../../../../../shared/', import.meta.url));
const cases = `${shared}logs/pool-cases/`;
const transcripts = `${shared}data/article-transcripts.txt`;

/** The debugger's lines in a text, each once, without what its author wrote behind them. */
function listedLines(text: string): string[] {
  const found = text.match(/\b[0-9a-f]{8}`[0-9a-f]{8} [0-9a-f]{2,30} +[a-z]+(?: .*)?$/gm) ?? [];
  return [...new Set(found.map((line) => line.replace(/ +(?:-->|Branch$|ds:).*/, '').trimEnd()))];
}

async function differingLines(lines: readonly string[], shape: (line: string) => string): Promise<string[]> {
  const disassembler = await loadDisassembler('x64');
  return lines.filter((line) => {
    const { address, bytes, symbolize } = parseLine(line, 'x64');
    const instruction = disassembler.decode(bytes, address);
    return instruction === undefined || shape(instructionLine(instruction, symbolize)) !== shape(line);
  });
}

describe.skipIf(!existsSync(cases))('lines of real logs', () => {
  it('agree character by character', async () => {
    const lines = listedLines(
      readdirSync(cases)
        .map((name) => readFileSync(cases + name, 'utf8'))
        .join('\n'),
    );
    expect(lines.length).toBeGreaterThan(170);
    expect(await differingLines(lines, (line) => line)).toEqual([]);
  });

  it('agree word by word where the copy has lost its columns', async () => {
    const lines = listedLines(readFileSync(transcripts, 'utf8'));
    expect(lines.length).toBeGreaterThan(10);
    expect(await differingLines(lines, (line) => line.replace(/ +/g, ' '))).toEqual([]);
  });
});
