/** What runs in the page of `import.ts`. */
export { readModel } from '../src/core/model-formats/read-model';
export { watchAllocations } from '../src/testing/fuzz/allocations';
