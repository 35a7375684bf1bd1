import { reportPoolUse, type Session } from '@poolscope/engine';
import type { TagFact, TagUseFact, TagView } from '../../protocol/views.ts';
import type { Job } from '../job.ts';

/** The kernel's own account of its pools by tag. */
export async function tagView(session: Session, job: Job): Promise<TagView> {
  const report = await job.follow(reportPoolUse(session.system), (done) => ({
    what: 'adding up tags',
    done: Number(done),
  }));
  const { poolTags } = session.console;
  const tags = report.tags.map(({ tag, nonPaged, paged }): TagFact => {
    const owner = poolTags.find(tag);
    return {
      tag,
      nonPaged: useFact(nonPaged),
      paged: useFact(paged),
      owner: owner?.binary,
      description: owner?.description,
    };
  });
  return { tags, from: report.from, missing: report.missing };
}

interface Use {
  readonly allocations: bigint;
  readonly outstanding: bigint;
  readonly bytes: bigint;
}

const useFact = ({ allocations, outstanding, bytes }: Use): TagUseFact => ({
  allocations: Number(allocations),
  outstanding: Number(outstanding),
  bytes: Number(bytes),
});
