import { attachLabels } from '../../core/data/attach-labels';
import { prepareMasks } from '../../core/data/prepare-masks';
import { preprocessingInWords } from '../../core/data/describe';
import { rescalesInside } from '../../core/data/rescales-inside';
import { examine, inputStatistics } from '../../core/data/doctor';

import { chooseCandidate } from '../../core/data/choose';
import { guessPreprocessing } from '../../core/data/guess';
import { inOrderOf } from '../../core/data/companions';
import { inputPlaces, modelInputShape } from '../../core/data/model-input';
import { openDataSet } from '../../core/data/open';
import { compilePreprocessing } from '../../core/data/preprocess';
import { randomSource } from '../../core/data/random-source';
import { leftOutInWords, unusableSamples, withoutSamples } from '../../core/data/left-out';
import type { OpenContext } from '../../core/data/openers/opener';
import { separateSets } from '../../core/data/separate-sets';
import { makeSeparateSplit, makeSplit, tooFewSamples, type SplitRequest } from '../../core/data/split';
import type { WaveformStep } from '../../core/data/audio/steps';
import type { DoctorFinding, Preprocessing, RawSample, SampleSource, Split } from '../../core/data/types';
import type { Graph } from '../../core/graph/graph';
import { decodeImage } from '../../engine/images/decode';
import { decodePngClasses } from '../../engine/images/png';
import { Stages } from '../session/progress';
import type { Spec } from '../contract/jobs';
import type { DataChange, DataSetView, JobControls } from '../contract/protocol';
import { SampleReader, zeroStates } from '../session/samples';
import { gridOf } from '../../core/metrics/guess-positions';
import { judgedOutputs } from '../../core/metrics/output-parts';
import { classCount, outputSize, scoredTensor } from '../session/scoring';
import { judge, taskView } from '../session/judging';
import type { OpenData, Session } from '../session/session';
import { recurrentStates } from './recurrent-states';
import { picturesOf } from './sample-pictures';
import { tryPipelines, type Trial } from './try-pipelines';

/** Raw samples looked at to guess shapes and ranges. */
const FIRST_SAMPLES = 8;
const PREVIEWS = 12;

/** Opens a data set, guesses its preprocessing unless told, and makes it the session's. */
export async function openData(session: Session, spec: Spec<'openData'>, controls: JobControls): Promise<DataSetView> {
  const stages = new Stages(controls, 4);
  await stages.enter('Reading the data', 1);
  const context: OpenContext = {
    decodeImage: (bytes) => decodeImage(bytes, session.host.images),
    decodeMask: decodePngClasses,
    inputs: inputPlaces(session.computableModel.graph),
    outputs: session.computableModel.graph.outputs,
    sampleElements: modelInputShape(session.computableModel.graph).reduce((n, d) => n * d, 1),
  };
  const open = async ({ files, labels }: Pick<Spec<'openData'>, 'files' | 'labels'>) => {
    const source = await openDataSet(files, context);
    return labels ? attachLabels(source, labels) : source;
  };
  const source = await open(spec);
  const { evaluation } = spec;
  return prepare(session, evaluation ? separateSets(source, await open(evaluation)) : source, spec, stages);
}

/** Another preprocessing, split or seed for the data that is open. */
export async function changeData(
  session: Session,
  spec: Spec<'changeData'>,
  controls: JobControls,
): Promise<DataSetView> {
  const { source } = session.data;
  return prepare(session, source.whole ?? source, spec, new Stages(controls, 3));
}

/** Seeded noise, as many samples as asked for. */
export async function randomData(
  session: Session,
  spec: Spec<'randomData'>,
  controls: JobControls,
): Promise<DataSetView> {
  const { graph } = session.computableModel;
  const source = randomSource(graph, spec.calibrationSamples + spec.evaluationSamples, spec.seed);
  const view = await prepare(session, source, { ...spec, preprocessing: [] }, new Stages(controls, 3));
  const random = { ...view, kind: 'random' as const, inWords: source.reason };
  return withTask(session, { ...session.data, view: random });
}

async function prepare(
  session: Session,
  opened: SampleSource,
  change: DataChange,
  stages: Stages,
): Promise<DataSetView> {
  const { graph } = session.computableModel;
  const { seed } = change;
  const named = withModelNames(opened, graph.provenance.classNames);
  const request = { calibration: change.calibrationSamples, evaluation: change.evaluationSamples, seed };
  let { source, split } = await drawUsable(named, request);
  let first = await readFirst(source, split, FIRST_SAMPLES);
  const guess = guessPreprocessing(graph, first);
  const cut = excerptsIn(change.preprocessing ?? guess.pipeline);
  if (cut && source.excerpts) {
    const { leftOut, notes = [] } = source;
    const excerpts = await source.excerpts(cut);
    const described = { ...excerpts, leftOut, notes: [...notes, ...(excerpts.notes ?? [])], whole: named };
    ({ source, split } = await drawUsable(described, request));
    first = await readFirst(source, split, FIRST_SAMPLES);
  }
  await stages.enter('Trying input ranges', 2);
  // Noise is made for the model: there is nothing to find out about it.
  const trial = source.endless
    ? undefined
    : await tryPipelines(session, source, split, first, change.preprocessing ?? guess.pipeline, () => stages.step(0));
  const chosen = change.preprocessing ? { pipeline: change.preprocessing, reason: '' } : chooseGuess(guess, trial);

  await stages.enter('Looking at the data', 1);
  const grid = outputGrid(graph);
  if (grid) source = await prepareMasks(source, [...split.calibration, ...split.evaluation], chosen.pipeline, grid);
  const prepareSample = compilePreprocessing(chosen.pipeline, first[0].shape, modelInputShape(graph));
  const findings = examine({
    inputs: inputStatistics(first.map(prepareSample)),
    classes: classCount(graph),
    rescalesInside: rescalesInside(graph),
    labels: classLabels(graph, source),
    classNames: source.classNames,
    split,
    ...(trial && { trial: trial.as(chosen.pipeline) }),
  });
  const words = preprocessingInWords(chosen.pipeline);
  const view: DataSetView = {
    name: source.name,
    kind: source.kind,
    samples: source.size,
    sampleShape: first[0].shape,
    classNames: source.classNames ?? graph.provenance.classNames ?? [],
    labelled: source.labels !== undefined || source.targets !== undefined,
    calibrationSamples: split.calibration.length,
    evaluationSamples: split.evaluation.length,
    preprocessing: chosen.pipeline,
    preprocessingGuessed: change.preprocessing === undefined,
    inWords: [source.matching, words, chosen.reason && `Guessed: ${lowerFirst(chosen.reason)}`]
      .filter(Boolean)
      .join(' '),
    doctor: [...remarks(source), ...findings],
    task: { id: 'fidelity', metric: 'sqnr', metrics: [], inWords: '' },
    previews: await picturesOf(source, split.evaluation.subarray(0, PREVIEWS)),
  };
  const orders = [split.calibration, split.evaluation];
  const beginning = new SampleReader(source, prepareSample, orders, zeroStates(graph));
  const states = await recurrentStates(session, beginning, split.calibration);
  const reader = states.length > 0 ? new SampleReader(source, prepareSample, orders, states) : beginning;
  return withTask(session, { source, split, preprocessing: chosen.pipeline, reader, task: change.task ?? {}, view });
}

/** How recordings become several samples each, where the pipeline asks for that. */
function excerptsIn(pipeline: Preprocessing): WaveformStep | undefined {
  return pipeline.find((step): step is WaveformStep => step.kind === 'waveform' && step.every > 0);
}

/**
 * Classes are numbered as the model's file names them, where folders or words name the same; labels that are numbers get the
 * names.
 */
function withModelNames(source: SampleSource, names: readonly string[] | undefined): SampleSource {
  if (!names || !source.labels) return source;
  if (!source.classNames) return { ...source, classNames: names };
  const ordered = inOrderOf(names, source);
  return ordered
    ? {
        ...ordered,
        notes: [...(source.notes ?? []), 'Classes are numbered as the model’s own list of names has them.'],
      }
    : source;
}

/** Height and width of an output that chooses a class for each position, and among how many. */
function outputGrid(graph: Graph): { height: number; width: number; classes: number } | undefined {
  const part = judgedOutputs(graph, scoredTensor(graph)).parts.find(({ shape }) => shape.length >= 2);
  if (!part) return undefined;
  const [rows, columns] = modelInputShape(graph);
  const { grid, classes } = gridOf(part, modelInputShape(graph));
  if (part.ending === 'positions') return { height: grid[0], width: grid[1], classes: Infinity };
  // Positions one after the other are those of the input.
  if (part.shape.length === 2) return grid[0] === rows * columns ? { height: rows, width: columns, classes } : undefined; // prettier-ignore
  return { height: grid[0], width: grid[1], classes: Math.max(2, classes) };
}

/** Labels that are classes of the output; whole numbers beyond these are a regression's targets, which no sample need show. */
function classLabels(graph: Graph, { labels }: SampleSource): Int32Array | undefined {
  const classes = classCount(graph) ?? (outputSize(graph) === 1 ? 2 : Infinity);
  return labels?.every((label) => label < classes) ? labels : undefined;
}

/** Makes data the session's, and finds out what the model is judged by on it. */
async function withTask(session: Session, data: OpenData): Promise<DataSetView> {
  session.setData(data);
  const view = { ...data.view, task: taskView(await judge(session)) };
  session.setView(view);
  return view;
}

/**
 * Draws a split, taking out of the source what its files turn out to be unusable for, until all that is drawn can be used.
 * Files that are not drawn are not read.
 */
async function drawUsable(
  opened: SampleSource,
  request: SplitRequest,
): Promise<{ source: SampleSource; split: Split }> {
  let source = opened;
  for (;;) {
    const { size, labels, evaluationStart: start, leftOut = [] } = source;
    if (size < 2) throw tooFewSamples(size, leftOutInWords(leftOut, size));
    const split =
      start === undefined ? makeSplit(size, labels, request) : makeSeparateSplit(size, start, labels, request);
    const unusable = await unusableSamples(source, [...split.calibration, ...split.evaluation]);
    if (unusable.size === 0) return { source, split };
    source = withoutSamples(source, unusable);
  }
}

/** What was left out and assumed while the files were read. */
function remarks({ leftOut = [], notes = [], size }: SampleSource): DoctorFinding[] {
  const words = leftOutInWords(leftOut, size);
  return [
    ...(words === undefined ? [] : [{ severity: 'warning' as const, message: words }]),
    ...notes.map((message) => ({ severity: 'ok' as const, message })),
  ];
}

function chooseGuess(
  guess: { id: string; pipeline: Preprocessing; reason: string },
  trial: Trial | undefined,
): { pipeline: Preprocessing; reason: string } {
  if (!trial || trial.scores.length < 2) return guess;
  const { id, reason } = chooseCandidate(trial.scores, guess.id);
  // What the file itself says is the reason, where the trial does not speak against it.
  if (id === 'declared' && id === guess.id) return guess;
  return { pipeline: trial.pipelineOf(id) ?? guess.pipeline, reason: `${reason}.` };
}

/** Capitals stay where the word is a name ("ImageNet", "MobileNet"). */
function lowerFirst(text: string): string {
  return /^[A-Z][a-z]+\b/.test(text) ? text[0].toLowerCase() + text.slice(1) : text;
}

async function readFirst(source: SampleSource, split: Split, count: number): Promise<RawSample[]> {
  const samples: RawSample[] = [];
  const indices = split.calibration.subarray(0, count);
  for (const index of indices) source.fetch?.(index);
  for (const index of indices) samples.push(await source.read(index));
  return samples;
}
