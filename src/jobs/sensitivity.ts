import { editLayers } from '../core/algorithms/layer';
import { ErrorAccumulator } from '../core/metrics/error-accumulator';
import { planQuantization } from '../core/quantize/resolve';
import { simulationOf } from '../engine/tfjs/simulation';
import { floatOutputsOf } from './float-outputs';
import { Stages } from './progress';
import type { JobControls, LayerSensitivity, Spec } from './protocol';
import { batchSizeFor, chunks, readBatch } from './samples';
import { chooseMetric, ScoreKeeper, scoredTensor } from './scoring';
import type { Session } from './session';
import { simulated } from './simulated';
import { onVariant } from './variant-first';
import type { Variant } from './variants';

/**
 * What quantizing one layer alone does to the model: its weights and its output rounded, everything else in float. Layers
 * come in order of their weights' share of the model, so that the likely culprits are seen first; each finished layer is
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
  { graph, reference, edits, calibration }: Variant,
  controls: JobControls<readonly LayerSensitivity[]>,
): Promise<readonly LayerSensitivity[]> {
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
  const floatKeeper = new ScoreKeeper(metric, source);
  samples.forEach((index, i) => floatKeeper.add(index, floatOutput(i), floatOutput(i)));
  const floatScore = floatKeeper.score().value;

  const results: LayerSensitivity[] = [];
  const output = scoredTensor(graph);
  await stages.enter('Quantizing one layer at a time', 9, inOrder.length * samples.length);
  for (const layer of inOrder) {
    // Of what was learnt, only what concerns this layer; the others are in float with the weights they came with.
    const edit = edits.get(layer.id);
    const alone = edit ? editLayers(reference, new Map([[layer.id, edit]])) : reference;
    await simulated(session, alone, simulationOf(alone, plan, { onlyOp: layer.id }), async (model) => {
      const score = new ScoreKeeper(metric, source);
      const errors = new ErrorAccumulator();
      let position = 0;
      for (const indices of chunks(samples, batchSizeFor(graph))) {
        const batch = await readBatch(reader, graph, indices);
        const values = (await model.run(batch, [output])).get(output)!.data as Float32Array;
        const size = values.length / indices.length;
        for (let i = 0; i < indices.length; i++, position++) {
          const row = values.subarray(i * size, (i + 1) * size);
          score.add(indices[i], row, floatOutput(position));
          errors.add(floatOutput(position), row);
        }
        await stages.step(indices.length);
      }
      const { sqnrDb } = errors.result();
      // An SQNR has no float value to be compared with: the delta is what the layer leaves of it.
      const delta = metric === 'sqnr' ? sqnrDb : score.score().value - floatScore;
      results.push({ op: layer.id, delta, sqnrDb });
      controls.onPartial?.([...results]);
    });
  }
  return results;
}
