import { betterCandidate, isMoreAccurate, type CandidateScore } from '../../core/data/choose';
import type { Examination } from '../../core/data/doctor';
import { candidatePipelines, takesWholeNumbers, withColorsSwapped } from '../../core/data/guess';
import { imageShape, modelInputShape } from '../../core/data/model-input';
import type { Graph } from '../../core/graph/graph';
import { macCount } from '../../core/graph/summary';
import { compilePreprocessing } from '../../core/data/preprocess';
import { firstResponse, responseDeviation } from '../../core/data/response';
import { scoreOutputs } from '../../core/data/score-outputs';
import type { Preprocessing, RawSample, SampleSource, Split } from '../../core/data/types';
import { batchSizeFor, chunks, readBatch, SampleReader, zeroStates } from '../session/samples';
import { classCount, scoredTensor } from '../session/scoring';
import type { Session } from '../session/session';

/** In all enough to tell a wrong range from a right one, few enough not to be waited for; after each who cannot win is out. */
const ROUNDS = [8, 16, 32];
/**
 * Multiply-accumulates of all runs together: some seconds' at most, a small part of what calibration takes of a model that is
 * so large. No time is measured, so that all machines choose alike.
 */
const BUDGET = 60e9;
/** Samples that every candidate gets, whatever it takes. */
const LEAST = 2;

/** After how many samples candidates are compared, and who cannot win is out: as far as the budget goes. */
function roundsFor(graph: Graph, candidates: number): number[] {
  const affordable = Math.floor(BUDGET / (candidates * Math.max(1, macCount(graph))));
  return [...new Set(ROUNDS.map((samples) => Math.min(samples, Math.max(LEAST, affordable))))];
}

/** Standard errors by which a candidate that is out is worse than another. */
const BEATEN = 2;

type Scored = CandidateScore & { readonly pipeline: Preprocessing };

/** How well the float model does under each preprocessing worth trying. */
export class Trial {
  constructor(
    readonly scores: readonly Scored[],
    /** The best of them with red and blue exchanged. */
    private readonly swapped: { readonly of: Scored; readonly score: Scored } | undefined,
  ) {}

  pipelineOf(id: string): Preprocessing | undefined {
    return this.scores.find((candidate) => candidate.id === id)?.pipeline;
  }

  /** As the doctor wants it, with `pipeline` the one in use. */
  as(pipeline: Preprocessing): Examination['trial'] {
    const key = JSON.stringify(pipeline);
    const chosen = this.scores.find((candidate) => JSON.stringify(candidate.pipeline) === key);
    if (!chosen) return undefined;
    return {
      chosen,
      others: this.scores.filter((candidate) => candidate !== chosen),
      ...(this.swapped?.of === chosen && { swapped: this.swapped.score }),
    };
  }
}

/** Raw samples kept for the next candidate, bytes at most: photographs are large. */
const KEPT_BYTES = 64 * 2 ** 20;

/** The same source, decoding each sample once while there is room. */
function remembering(source: SampleSource): SampleSource {
  const kept = new Map<number, RawSample>();
  let room = KEPT_BYTES;
  return {
    ...source,
    fetch: (index) => kept.has(index) || source.fetch?.(index),
    read: async (index) => {
      const known = kept.get(index);
      if (known) return known;
      const sample = await source.read(index);
      if ((room -= sample.values.byteLength) >= 0) kept.set(index, sample);
      return sample;
    },
  };
}

/**
 * Scores the candidates, and `current` where it is none of them, with the float model on calibration samples. Undefined
 * where there is nothing to compare: the model is quantized already or neither its answers nor its first layer tell, or the
 * data has one candidate.
 */
export async function tryPipelines(
  session: Session,
  source: SampleSource,
  split: Split,
  first: readonly RawSample[],
  current: Preprocessing,
  breathe: () => Promise<void>,
): Promise<Trial | undefined> {
  const { graph, view } = session.model;
  const inputShape = modelInputShape(graph);
  const declared = graph.provenance.inputNormalization;
  const candidates = candidatePipelines(inputShape, first, takesWholeNumbers(graph), declared);
  const firstLayer = firstResponse(graph);
  const isClassifier = classCount(graph) !== undefined;
  if (view.alreadyQuantized || candidates.length < 2 || !(isClassifier || firstLayer)) return undefined;
  const same = (pipeline: Preprocessing) => JSON.stringify(pipeline) === JSON.stringify(current);
  const all = candidates.some(({ pipeline }) => same(pipeline))
    ? candidates
    : [...candidates, { id: 'current', label: 'your preprocessing', pipeline: current }];

  const rounds = roundsFor(session.computableModel.graph, all.length);
  const indices = split.calibration.subarray(0, rounds.at(-1));
  const decodedOnce = remembering(source);
  const engine = await session.float();
  const output = scoredTensor(graph);
  const want = firstLayer ? [output, firstLayer.tensor] : [output];

  /** A candidate's score, of more samples each time it is called. */
  const scorer = (candidate: { id: string; label: string; pipeline: Preprocessing }) => {
    const prepare = compilePreprocessing(candidate.pipeline, first[0].shape, inputShape);
    const reader = new SampleReader(decodedOnce, prepare, [indices], zeroStates(graph));
    const rows: Float32Array[] = [];
    const responses: Float32Array[] = [];
    return async (samples: number): Promise<Scored> => {
      for (const part of chunks(indices.subarray(rows.length, samples), batchSizeFor(graph))) {
        const results = await engine.run(await readBatch(reader, graph, part), want);
        const values = results.get(output)!.data as Float32Array;
        const size = values.length / part.length;
        for (let i = 0; i < part.length; i++) rows.push(values.subarray(i * size, (i + 1) * size));
        if (firstLayer) responses.push(results.get(firstLayer.tensor)!.data as Float32Array);
        await breathe();
      }
      const seen = indices.subarray(0, rows.length);
      const labels = isClassifier && source.labels ? Array.from(seen, (index) => source.labels![index]) : undefined;
      const response = firstLayer && { response: responseDeviation(responses, firstLayer.channels) };
      return { ...candidate, ...scoreOutputs(rows, labels), samples: rows.length, ...response };
    };
  };
  const contest = async (
    entrants: readonly { id: string; label: string; pipeline: Preprocessing }[],
    holder?: Scored,
  ): Promise<Scored[]> => {
    const runs = entrants.map(scorer);
    const scores: Scored[] = [];
    let going = runs.map((_, i) => i);
    for (const samples of rounds) {
      for (const i of going) scores[i] = await runs[i](samples);
      const rivals = holder ? [...scores, holder] : scores;
      going = going.filter((i) => !rivals.some((rival) => isMoreAccurate(rival, scores[i], BEATEN)));
    }
    return scores;
  };

  const scores = await contest(all);
  // Whether colours are exchanged shows in answers that can be checked, not in confidence.
  const tried = scores.find(({ pipeline }) => same(pipeline))!;
  const best = betterCandidate(scores, tried) ?? tried;
  if (best.metric !== 'accuracy' || imageShape(inputShape)?.channels !== 3) return new Trial(scores, undefined);
  const exchanged = { id: 'swapped', label: 'blue, green, red', pipeline: withColorsSwapped(best.pipeline) };
  const [score] = await contest([exchanged], best);
  return new Trial(scores, score && { of: best, score });
}
