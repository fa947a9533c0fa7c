import { writeFileSync } from 'node:fs';
import { arch, platform } from 'node:os';
import type { Manifest } from '../core/project/manifest';
import { htmlReport } from '../jobs/reports/html-report';
import type { Report } from '../jobs/reports/report';

/** Writes the report for people, which the page opens as a project where `project` is given. */
export function writeHtmlReport(path: string, report: Report, project?: Manifest): void {
  const html = htmlReport({
    report,
    ...(project && { project }),
    environment: [
      ['Made', new Date().toISOString()],
      ['Node', `${process.version} on ${platform()} ${arch()}`],
      ['Engine', 'tfjs on wasm, without threads'],
    ],
  });
  writeFileSync(path, html);
}
