import type { Graph } from '../graph';
import { validateGraph } from '../validate';
import { sinkReshapes } from './cancel-transposes';
import { deduplicateConstants } from './deduplicate-constants';
import { densePositions } from './dense-positions';
import { dropIdentity } from './drop-identity';
import { finiteMasks } from './finite-masks';
import { foldBatchNorm } from './fold-batch-norm';
import { fuseActivations } from './fuse-activations';
import { fuseDilation } from './fuse-dilation';
import { fuseHardSwish } from './fuse-hard-swish';
import { fusePadding } from './fuse-padding';
import { identityAsReshape } from './identity-as-reshape';
import { prune } from './prune';
import { symbolicBatch } from './symbolic-batch';
import { wholeInputs } from './whole-inputs';

/** In this order: identities in between would hide what can be folded, and activations fuse once nothing is in between. */
const PASSES: readonly ((graph: Graph) => Graph)[] = [
  prune,
  fuseDilation,
  densePositions,
  symbolicBatch,
  wholeInputs,
  finiteMasks,
  dropIdentity,
  sinkReshapes,
  dropIdentity,
  fusePadding,
  foldBatchNorm,
  fuseActivations,
  fuseHardSwish,
  deduplicateConstants,
  prune,
  identityAsReshape,
];

/**
 * Brings a float graph into the form that is calibrated and quantized: nothing but real work in it, batch normalization
 * folded, activations fused, the batch symbolic where it can be. It computes what it did before (to float rounding), and
 * graph inputs and outputs keep their ids.
 *
 * @throws RangefinderError as {@link validateGraph} does
 */
export function normalize(graph: Graph): Graph {
  return validateGraph(PASSES.reduce((result, pass) => pass(result), validateGraph(graph)));
}
