/** Branches whose condition is known take their place; loops are not read. */
import type { OpRows } from './row';

export const CONTROL_OPS: OpRows = {
  If: {
    translate: (node) => {
      const [holds] = node.known(0, 'condition').values;
      return node.inline(holds ? 'then_branch' : 'else_branch');
    },
  },
};
