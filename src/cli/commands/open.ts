import { writeFileSync } from 'node:fs';
import { RangefinderError } from '../../base/errors';
import { readProject, type Project } from '../../core/project/archive';
import type { Preprocessing } from '../../core/data/types';
import { comparedPart } from '../../jobs/contract/verify-choice';
import { buildReport, type Report } from '../../jobs/reports/report';
import type { OpenArgs } from '../options/open-options';
import { checkWritable, labelFile, modelFiles, sourceFiles } from '../files';
import { Headless } from '../headless';
import { writeHtmlReport } from '../html-report';

/** A project of the page, calculated once more without one: the same settings, the same samples, the same file. */
export async function open(args: OpenArgs): Promise<Report> {
  for (const path of [args.out, args.report, args.html]) if (path !== undefined) checkWritable(path);
  const project = readProject(labelFile(args.project).bytes, args.project);
  const studio = new Headless(args.quiet, args.workers ?? null);
  try {
    return await opened(args, project, studio);
  } finally {
    studio.dispose();
  }
}

async function opened(args: OpenArgs, project: Project, studio: Headless): Promise<Report> {
  const { manifest, trained } = project;
  const { settings, data: split } = manifest.choices;
  const files = args.model !== undefined ? modelFiles(args.model) : project.model;
  if (files.length === 0) throw missing(args.project, `its model, “${manifest.model.name}”,`, '--model FILE');
  const { sizes } = manifest.model;
  const model = await studio.run('openModel', { files: [...files], ...(sizes && { sizes }) });
  studio.say(`${model.name}: ${manifest.runs.length} runs, saved ${manifest.savedAt}`);
  if (model.fingerprint !== manifest.model.fingerprint)
    studio.say('  ! This is another model than the one the project was saved with.');
  for (const { id, checkpoint } of trained) await studio.run('restoreTraining', { id, checkpoint });
  const view = await openData(args, project, studio, split as never);
  await studio.run('calibrate', {});
  const exported = await studio.run('exportFile', { settings });
  writeFileSync(args.out, exported.bytes);
  const evaluation = await studio.run('evaluate', { settings });
  const verification = await studio.run('verify', { file: exported.bytes, ...comparedPart() });
  const report = buildReport({
    model,
    data: view,
    seed: split.seed,
    settings,
    exported,
    evaluation,
    verification,
    timings: studio.timings,
  });
  if (args.report !== undefined) writeFileSync(args.report, `${JSON.stringify(report, null, 2)}\n`);
  if (args.html !== undefined) writeHtmlReport(args.html, report, manifest);
  const { runtime } = verification;
  studio.say(`${runtime.name}: ${runtime.mismatches} of ${runtime.elements.toLocaleString('en')} elements differ.`);
  return report;
}

interface Split {
  readonly seed: number;
  readonly calibrationSamples: number;
  readonly evaluationSamples: number;
  readonly preprocessing?: Preprocessing;
}

async function openData(args: OpenArgs, { manifest, data }: Project, studio: Headless, split: Split) {
  if (args.data === undefined && manifest.data?.kind === 'random') return studio.run('randomData', split);
  const labels = data.find(({ path }) => path === manifest.data?.labels);
  const files = args.data !== undefined ? sourceFiles(args.data) : data.filter((file) => file !== labels);
  if (files.length === 0) throw missing(args.project, `its data, “${manifest.data?.name ?? ''}”,`, '--data PATH');
  return studio.run('openData', { ...split, files, ...(labels && { labels }) });
}

function missing(where: string, what: string, option: string): RangefinderError {
  return new RangefinderError({
    code: 'missing-file',
    message: `The project does not hold ${what} which it is about.`,
    where,
    hint: `Give it with ${option}, or save the project with it.`,
  });
}
