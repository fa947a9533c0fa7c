import { TASK_IDS, taskOf, type TaskId } from '../../../core/metrics/tasks';
import { metricInfo, type MetricName } from '../../../core/metrics/table';
import { useController, useStudio } from '../../app/studio';

/** What the model is judged as and by which figure, and why; either can be chosen in place of the guess. */
export function TaskPicker() {
  const controller = useController();
  const task = useStudio((state) => state.data.view?.task ?? null);
  const chosen = useStudio((state) => state.choices.present.data.task);
  if (!task) return null;
  return (
    <div className="task-picker">
      <h3>Judged as</h3>
      <p className="words">{task.inWords}</p>
      <label className="labelled">
        <span>Task</span>
        <select
          className="field"
          value={chosen?.task ?? ''}
          onChange={({ target }) =>
            controller.editData({ task: target.value === '' ? {} : { task: target.value as TaskId } })
          }
        >
          <option value="">guessed: {taskOf(task.id).label}</option>
          {TASK_IDS.map((id) => (
            <option key={id} value={id}>
              {taskOf(id).label}
            </option>
          ))}
        </select>
      </label>
      <label className="labelled">
        <span>Quality metric</span>
        <select
          className="field"
          value={task.metric}
          onChange={({ target }) => controller.editData({ task: { ...chosen, metric: target.value as MetricName } })}
        >
          {task.metrics.map((metric) => (
            <option key={metric} value={metric}>
              {metricInfo(metric).label}
            </option>
          ))}
        </select>
      </label>
      <p className="quiet">{metricInfo(task.metric).explain}</p>
    </div>
  );
}
