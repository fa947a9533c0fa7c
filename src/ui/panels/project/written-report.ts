import { htmlReport } from '../../../jobs/reports/html-report';
import { modelCard } from '../../../jobs/reports/model-card';
import { manifestOf } from '../../../state/project/manifest-of';
import type { StudioState } from '../../../state/store';
import { reportOf } from '../export/report-file';

/** The report for people, of what is on screen. */
export function writtenReport(
  state: StudioState,
  kind: 'html' | 'card',
): { readonly name: string; readonly blob: Blob } {
  const report = reportOf(state)!; // the button is disabled without
  const fileName = state.results.exported!.value.fileName;
  const base = fileName.replace(/\.tflite$/, '');
  if (kind === 'card')
    return { name: `${base}.md`, blob: new Blob([modelCard(report, fileName)], { type: 'text/markdown' }) };
  const now = new Date();
  const project = manifestOf(state, now);
  const html = htmlReport({
    report,
    ...(project && { project }),
    environment: [
      ['Made', now.toISOString()],
      ['Browser', navigator.userAgent],
      ['Engine', `tfjs on ${state.jobs.backend ?? 'wasm'}`],
    ],
  });
  return { name: `${base}.report.html`, blob: new Blob([html], { type: 'text/html' }) };
}
