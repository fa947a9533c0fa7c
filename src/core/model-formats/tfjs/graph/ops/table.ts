import type { OpTable } from '../call';
import { ELEMENTWISE } from './elementwise';
import { LOGIC } from './logic';
import { SHAPING } from './shaping';
import { WEIGHTED } from './weighted';

/** TensorFlow operation → how its nodes become ops. */
export const GRAPH_MODEL_OPS: OpTable = { ...ELEMENTWISE, ...LOGIC, ...WEIGHTED, ...SHAPING };

/** Operations that hand their first input on. */
export const PASSING: ReadonlySet<string> = new Set(['Identity', 'StopGradient', 'Snapshot', 'PreventGradient']);
