import type { CrashedSystem } from '../../system/index.ts';
import type { Report } from '../report.ts';
import { type Block, block } from './block.ts';

/** Our own block: the verdict joins the report here, where the crash may be about pool. */
export function verdictBlock({ bugCheck }: CrashedSystem, { verdict }: Report): Block[] {
  const concernsPool = bugCheck.relatesToPool !== 'no' || verdict.kind !== 'not-pool';
  return concernsPool ? block('VERDICT', { kind: 'verdict', verdict }) : [];
}
