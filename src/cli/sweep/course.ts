/** The course of a sweep: generation by generation, what is missing is done, whoever does it. */
import manifest from '../../../package.json';
import type { Measured } from '../../core/search/pareto';
import { nextGeneration } from '../../core/sweep/generations';
import type { PlannedModel, SweepPlan } from '../../core/sweep/plan';
import { Space } from '../../core/sweep/space';
import type { Trial } from '../../core/sweep/trial';
import { outcomeOf } from '../../jobs/reports/sweep-summary';
import { dataFiles } from './data-files';
import type { Outlet, SweepEngine } from './engine';
import type { SweepFolder } from './folder';
import { filesAt, hashOf, placed } from './sources';
import { trialKey } from './trial-key';

type Head = Pick<Trial, 'model' | 'data'>;

interface Subject {
  readonly head: Head;
  readonly outcomes: Map<number, Measured | null>;
}

/** The trials of a point, one for each seed, by key. */
type Trials = ReadonlyMap<string, Trial>;

export class SweepCourse {
  private readonly space: Space;

  private constructor(
    private readonly plan: SweepPlan,
    private readonly folder: SweepFolder,
    private readonly subjects: readonly Subject[],
  ) {
    this.space = new Space(plan);
  }

  /**
   * Hashes what the plan names.
   * @param place that paths in the plan are relative to
   * @throws RangefinderError 'missing-file', 'too-large'
   */
  static async prepare(plan: SweepPlan, place: string, folder: SweepFolder): Promise<SweepCourse> {
    const subjects: Subject[] = [];
    for (const model of plan.models) subjects.push({ head: await headOf(model, place), outcomes: new Map() });
    return new SweepCourse(plan, folder, subjects);
  }

  /**
   * What comes next and is neither done nor given up, by key; empty when the sweep is done. Outcomes of generations that are
   * done are taken from the folder.
   */
  next(): Trials {
    for (;;) {
      let isEnd = true;
      const missing = new Map<string, Trial>();
      for (const subject of this.subjects) {
        const points = this.generationOf(subject);
        if (points.length > 0) isEnd = false;
        for (const point of points) for (const [key, trial] of this.missingAt(subject, point)) missing.set(key, trial);
      }
      if (isEnd || missing.size > 0) return missing;
      for (const subject of this.subjects) this.settle(subject);
    }
  }

  /** Has everything done that is missing. */
  async run(engine: SweepEngine, outlet: Outlet, signal: AbortSignal): Promise<void> {
    for (let trials = this.next(); trials.size > 0; trials = this.next()) {
      for (const [key, trial] of trials) this.folder.addTrial(key, trial);
      await engine.run(trials, outlet, signal);
    }
  }

  private generationOf({ outcomes }: Subject): readonly number[] {
    return nextGeneration(this.plan, this.space, outcomes);
  }

  private settle(subject: Subject): void {
    for (const point of this.generationOf(subject)) {
      const reports = [...this.trialsAt(subject, point).keys()].flatMap((key) => this.folder.report(key) ?? []);
      subject.outcomes.set(point, outcomeOf(reports));
    }
  }

  private missingAt(subject: Subject, point: number): Trials {
    const all = [...this.trialsAt(subject, point)];
    return new Map(all.filter(([key]) => !this.folder.isDone(key) && !this.folder.isGivenUp(key)));
  }

  private trialsAt({ head }: Subject, point: number): Trials {
    const { seeds, targets, compareSamples } = this.plan;
    const rest = {
      rangefinder: manifest.version,
      ...this.space.choiceAt(point),
      targets: [...targets],
      compareSamples,
    };
    const trials = seeds.map((seed): Trial => ({ ...head, ...rest, seed }));
    return new Map(trials.map((trial) => [trialKey(trial), trial]));
  }
}

async function headOf(planned: PlannedModel, place: string): Promise<Head> {
  const at = (source: string | undefined) => source && placed(source, place);
  const { model, sizes, data, labels, evaluateData, evaluateLabels, calibrate, evaluate, task, metric } = planned;
  const source = placed(model, place);
  const everything = { root: null };
  const named = {
    source: placed(data, place),
    ...(labels !== undefined && { labels: at(labels)! }),
    ...(evaluateData !== undefined && { evaluate: at(evaluateData)! }),
    ...(evaluateLabels !== undefined && { evaluateLabels: at(evaluateLabels)! }),
  };
  return {
    model: {
      source,
      sha256: hashOf(new Map([['model', await filesAt(source, 'model', everything)]])),
      ...(sizes && { sizes }),
    },
    data: {
      ...named,
      sha256: hashOf(await dataFiles(named, everything)),
      calibrationSamples: calibrate,
      evaluationSamples: evaluate,
      ...(task && { task }),
      ...(metric && { metric }),
    },
  };
}
