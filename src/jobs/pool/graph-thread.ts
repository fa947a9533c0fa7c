/** The far side of a {@link GraphPool}: graphs on an engine of this thread's own. */
import { toErrorInfo } from '../../base/errors';
import { initBackend, type TfjsHost } from '../../engine/tfjs/backend';
import { TfjsModel } from '../../engine/tfjs/model';
import { BatchStatistics } from '../ptq/batch-statistics';
import type { ThreadAnswers, ThreadMessage, ThreadQuestions, ThreadReply, ThreadTask } from './thread-protocol';

type Tasks = { readonly [T in ThreadTask]: (question: ThreadQuestions[T]) => Promise<ThreadAnswers[T]> };

export class GraphThread {
  private readonly models = new Map<string, TfjsModel>();
  private readonly statistics = new WeakMap<TfjsModel, BatchStatistics>();
  private started: Promise<string> | undefined;

  constructor(private readonly host: TfjsHost) {}

  /** Questions are answered one after another: the caller asks the next when this has resolved. */
  async reply<T extends ThreadTask>({ id, task, question }: ThreadMessage<T>): Promise<ThreadReply> {
    try {
      await (this.started ??= initBackend(this.host));
      return { id, answer: await this.tasks[task](question) };
    } catch (thrown) {
      return { id, error: toErrorInfo(thrown) };
    }
  }

  dispose(): void {
    for (const model of this.models.values()) model.dispose();
    this.models.clear();
  }

  private readonly tasks: Tasks = {
    load: async ({ model, graph, simulation }) => {
      this.models.get(model)?.dispose();
      this.models.set(model, TfjsModel.load(graph, { simulate: simulation }));
      return null;
    },
    simulate: async ({ model, simulation }) => {
      this.modelOf(model).setSimulation(simulation);
      return null;
    },
    unload: async ({ model }) => {
      this.models.get(model)?.dispose();
      this.models.delete(model);
      return null;
    },
    statistics: async ({ model, batch }) => {
      const engine = this.modelOf(model);
      let statistics = this.statistics.get(engine);
      if (!statistics) this.statistics.set(engine, (statistics = new BatchStatistics(engine.graph)));
      return statistics.of(engine, batch);
    },
    values: async ({ wanted, batch }) => {
      const answers: ThreadAnswers['values'][number][] = [];
      for (const { model, tensors } of wanted) answers.push(await this.modelOf(model).run(batch, tensors));
      return answers;
    },
  };

  private modelOf(name: string): TfjsModel {
    const model = this.models.get(name);
    if (!model) throw new Error(`no graph "${name}" was loaded on this thread`);
    return model;
  }
}
