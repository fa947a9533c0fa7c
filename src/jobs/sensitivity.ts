import { editLayers } from '../core/algorithms/layer';
import type { Graph } from '../core/graph/graph';
import { ErrorAccumulator } from '../core/metrics/error-accumulator';
import { planQuantization } from '../core/quantize/resolve';
import type { TfjsModel } from '../engine/tfjs/model';
import { simulationOf } from '../engine/tfjs/simulation';
import { floatOutputsOf } from './float-outputs';
import { Stages } from './progress';
import type { JobControls, LayerSensitivity, LayerView, Spec } from './protocol';
import { batchSizeFor, chunks, readBatch } from './samples';
import { chooseMetric, ScoreKeeper, scoredTensor } from './scoring';
import type { Session } from './session';
import { inFloat, simulated } from './simulated';
import { onVariant } from './variant-first';
import type { Variant } from './variants';

/**
 * What quantizing one layer alone does to the model: its weights and its output rounded, everything else in float; to the
 * trained model, where it was trained, since trained weights rely on one another. Layers come in order of their weights' share of the model, so that the likely culprits are seen first; each finished layer is
 * a partial result.
 */
export function sensitivity(
  session: Session,
  spec: Spec<'sensitivity'>,
  controls: JobControls<readonly LayerSensitivity[]>,
): Promise<readonly LayerSensitivity[]> {
  return onVariant(session, spec.settings, controls, (variant, rest) => oneByOne(session, spec, variant, rest));
}

async function oneByOne(
  session: Session,
  spec: Spec<'sensitivity'>,
  variant: Variant,
  controls: JobControls<readonly LayerSensitivity[]>,
): Promise<readonly LayerSensitivity[]> {
  const { graph, unrounded, calibration } = variant;
  const { view } = session.quantizableModel;
  const { split, reader, source } = session.data;
  const samples = split.evaluation.subarray(0, spec.samples);
  const plan = planQuantization(graph, calibration, spec.settings);
  const metric = chooseMetric(graph, source);
  const layers = view.layers.filter((layer) => plan.activations[layer.output.id] && layer.rule !== 'same-scale');
  const inOrder = [...layers].sort((a, b) => b.macs - a.macs);
  const stages = new Stages(controls, 10);

  await stages.enter('Float model', 1, samples.length);
  const floatOutput = await floatOutputsOf(session, samples, (units) => stages.step(units));
  const output = scoredTensor(graph);
  const batches = [...chunks(samples, batchSizeFor(graph))];
  const outputOf = async (model: TfjsModel, indices: Uint32Array) => {
    const values = (await model.run(await readBatch(reader, graph, indices), [output])).get(output)!;
    const size = values.data.length / indices.length;
    return Array.from(indices, (_, i) => (values.data as Float32Array).slice(i * size, (i + 1) * size));
  };
  /** Of the model in which single layers are quantized. */
  const exact: Float32Array[] = [];
  if (unrounded)
    await inFloat(session, unrounded, async (model) => {
      for (const indices of batches) exact.push(...(await outputOf(model, indices)));
    });
  else exact.push(...Array.from(samples, (_, i) => floatOutput(i)));
  const exactKeeper = new ScoreKeeper(metric, source);
  samples.forEach((index, i) => exactKeeper.add(index, exact[i], floatOutput(i)));
  const exactScore = exactKeeper.score().value;

  const results: LayerSensitivity[] = [];
  await stages.enter('Quantizing one layer at a time', 9, inOrder.length * samples.length);
  for (const layer of inOrder) {
    const alone = onlyRounded(variant, layer);
    await simulated(session, alone, simulationOf(alone, plan, { onlyOp: layer.id }), async (model) => {
      const score = new ScoreKeeper(metric, source);
      const errors = new ErrorAccumulator();
      let position = 0;
      for (const indices of batches) {
        for (const row of await outputOf(model, indices)) {
          score.add(samples[position], row, floatOutput(position));
          errors.add(exact[position], row);
          position++;
        }
        await stages.step(indices.length);
      }
      const { sqnrDb } = errors.result();
      // An SQNR has no float value to be compared with: the delta is what the layer leaves of it.
      const delta = metric === 'sqnr' ? sqnrDb : score.score().value - exactScore;
      results.push({ op: layer.id, delta, sqnrDb });
      controls.onPartial?.([...results]);
    });
  }
  return results;
}

/** Of what was learnt, only what concerns this layer; the others are in float with the weights they came with. */
function onlyRounded({ graph, reference, unrounded, edits }: Variant, { id, weight }: LayerView): Graph {
  if (unrounded) {
    const learnt = weight && graph.tensors.get(weight.id);
    return learnt ? { ...unrounded, tensors: new Map(unrounded.tensors).set(learnt.id, learnt) } : unrounded;
  }
  const edit = edits.get(id);
  return edit ? editLayers(reference, new Map([[id, edit]])) : reference;
}
