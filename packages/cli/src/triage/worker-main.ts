import { serveAnalysis } from '@poolscope/triage';
import { analysisHost, type HostFlags } from './analysis-host.ts';

/** What a worker process runs: the options of its parent as JSON. */
export function runAnalysisWorker(options: string): void {
  const { memoryLimit, ...flags } = JSON.parse(options) as HostFlags & { memoryLimit: number };
  serveAnalysis(analysisHost(flags), { memoryLimit });
}
