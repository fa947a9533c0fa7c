/** `--task` and `--metric`: what a model is judged by, where the guess is not to be taken. */
import type { TaskChoice } from '../../core/metrics/guess-task';
import { METRIC_NAMES } from '../../core/metrics/table';
import { TASK_IDS } from '../../core/metrics/tasks';
import { oneOf } from './options';

export const TASK_OPTION = { task: { type: 'string' }, metric: { type: 'string' } } as const;

export const TASK_USAGE = `--task NAME            ${TASK_IDS.join(' | ')} (guessed)
  --metric NAME          the figure to judge by: ${METRIC_NAMES.join(', ')} (the task’s first)`;

/** @throws UsageError for a task or a metric that is not in its table */
export function parseTask({ task, metric }: { task?: string | undefined; metric?: string | undefined }): TaskChoice {
  return {
    ...(task !== undefined && { task: oneOf('task', task, TASK_IDS) }),
    ...(metric !== undefined && { metric: oneOf('metric', metric, METRIC_NAMES) }),
  };
}
