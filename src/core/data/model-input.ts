import { BATCH, elementCount, tensorOf, type Graph, type TensorId } from '../graph/graph';
import type { InputPlace } from './match-inputs';

/**
 * Shape of what one sample becomes: the input's without its batch, which is a symbolic or single first dimension. The
 * inputs of a model with several are laid end to end.
 */
export function modelInputShape(graph: Graph): readonly number[] {
  const shapes = dataInputs(graph).map((id) => tensorOf(graph, id).shape);
  if (shapes.length === 1) return withoutBatch(shapes[0]);
  return [shapes.reduce((sum, shape) => sum + elementCount(shape), 0)];
}

/** Inputs that samples are for: all but the states of recurrent layers. */
export function dataInputs({ inputs, provenance }: Graph): readonly TensorId[] {
  const states = new Set(provenance.states?.map(({ input }) => input));
  return inputs.filter((id) => !states.has(id));
}

/** The inputs as data is matched to them. */
export function inputPlaces(graph: Graph): InputPlace[] {
  return dataInputs(graph).map((id) => {
    const signed = graph.provenance.signatures.flatMap(({ inputs }) =>
      Object.entries(inputs).flatMap(([name, tensor]) => (tensor === id ? name : [])),
    );
    return { names: [...new Set([...signed, id])], shape: withoutBatch(tensorOf(graph, id).shape) };
  });
}

export function withoutBatch(shape: readonly number[]): readonly number[] {
  return shape.length > 1 && (shape[0] === BATCH || shape[0] === 1) ? shape.slice(1) : shape;
}

/**
 * Height, width and channels where a shape is an image's: at least 16×16 in 1 or 3 channels. Smaller planes are features
 * more often than pictures (49×10 MFCCs).
 */
export function imageShape(shape: readonly number[]): { height: number; width: number; channels: number } | undefined {
  const [height, width, channels] = shape;
  return shape.length === 3 && height >= 16 && width >= 16 && (channels === 1 || channels === 3)
    ? { height, width, channels }
    : undefined;
}
