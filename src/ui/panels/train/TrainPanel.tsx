/** Quantization-aware training: what for, how, while it runs, and what it bought. */
import { useMemo } from 'react';
import { canTrain, trainedInUse } from '../../../state/results/comparison';
import { wantsData } from '../../../state/autopilot/next-step';
import { isUnderWay, pastRun } from '../../../state/slices/training';
import { integer } from '../../parts/format';
import { Icon } from '../../parts/Icon';
import { useController, useStudio } from '../../app/studio';
import { Goal } from './Goal';
import { KeptList } from './KeptList';
import { Bought, Columns, Ended } from './Outcome';
import { RunView } from './RunView';
import { TrainForm } from './TrainForm';
import { Tip } from '../../parts/Tip';
import './train.css';

export default function TrainPanel() {
  const run = useStudio((state) => state.training.run);
  const trained = useStudio(trainedInUse);
  const underWay = isUnderWay(run);
  const past = useMemo(() => trained && pastRun(trained), [trained]);
  const shown = run && (underWay || run.trace.length > 0) ? run : past;
  return (
    <section className="panel train" aria-label="Train">
      <header>
        <h2>Quantization-aware training</h2>
      </header>
      <div className="body">
        {!underWay && !trained && (
          <p className="quiet">
            The weights learn to live with their rounding: they are trained while it is simulated. PTQ is the model
            quantized without that, QAT with it.
          </p>
        )}
        <Goal />
        {!underWay && (
          <>
            <Bought />
            <Columns />
          </>
        )}
        {run && <Ended run={run} />}
        {shown && <RunView run={shown} />}
        {!underWay && (
          <>
            <TrainForm disabled={false} />
            <Start />
          </>
        )}
        <KeptList />
      </div>
    </section>
  );
}

function Start() {
  const controller = useController();
  const ready = useStudio(canTrain);
  const trained = useStudio((state) => trainedInUse(state) !== null);
  const data = useStudio((state) => state.data.view);
  const wanted = useStudio(wantsData);
  const { samples, epochs, batchSize } = useStudio((state) => state.choices.present.training);
  const free = data ? Math.max(0, data.samples - data.evaluationSamples) : 0;
  const used = samples > 0 ? Math.min(samples, free) : free;
  return (
    <div className="start">
      <button
        type="button"
        className="button primary"
        disabled={!ready}
        onClick={() => void controller.training.start()}
      >
        <Icon name="play" />
        {trained ? 'Train again' : 'Train'}
      </button>
      {trained && (
        <>
          <Tip text="From the trained weights, not from the quantized model">
            <button type="button" className="button" onClick={() => void controller.training.start(true)}>
              Train on
            </button>
          </Tip>
          <button type="button" className="button" onClick={() => controller.training.leave()}>
            Back to PTQ
          </button>
        </>
      )}
      <p className="quiet">
        {!data || wanted
          ? 'Training needs data.'
          : `${integer(used)} samples, ${integer(Math.ceil(used / batchSize) * epochs)} steps. The ${integer(data.evaluationSamples)} that are evaluated on stay out.`}
      </p>
    </div>
  );
}
