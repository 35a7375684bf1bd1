import type { FrameData } from '../pdb/index.ts';

const trapFrame = 1;
const taskState = 2;
const ebpFrame = 3;

/**
 * What `kv` shows of an x86 frame: `FPO: [1,2,3]`, the words of arguments, of variables and of saved registers; of a trap
 * handler without the last. Source: the debugger's documentation of kv, and its output in public logs.
 */
export function frameDataText(data: FrameData): string {
  const { frameType, parameterBytes, localBytes, savedRegisterBytes } = data;
  const words = [parameterBytes, localBytes, savedRegisterBytes].map((size) => Math.floor(size / 4));
  if (frameType === trapFrame) return `FPO: [${words.slice(0, 2).join(',')}]`;
  if (frameType === taskState) return 'FPO: TaskGate';
  if (frameType === ebpFrame || isOnEbp(data)) return 'FPO: [Non-Fpo]';
  return `FPO: ${savesEbp(data) ? '[Uses EBP] ' : ''}[${words.join(',')}]`;
}

/** Does the program begin at the frame record? */
const isOnEbp = ({ program }: FrameData): boolean => program?.startsWith('$T0 $ebp =') ?? false;

/** Is ebp saved as other registers are, to be used for other things? */
const savesEbp = ({ usesEbp, program }: FrameData): boolean => usesEbp ?? /\$(ebp|22) /.test(program ?? '');
