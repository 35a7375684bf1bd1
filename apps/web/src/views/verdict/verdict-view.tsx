import { useApp } from '../../app/app-context.ts';
import { ReportPage } from './report-page.tsx';

/** What happened in the open dump. */
export function VerdictView() {
  const report = useApp().report.value;
  return report === undefined ? null : <ReportPage report={report} />;
}
