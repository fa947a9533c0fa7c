import { useState } from 'react';
import type { Confusion } from '../../../jobs/contract/judgement-protocol';
import { integer } from '../../parts/format';
import { Segmented } from '../../parts/Segmented';

type Model = 'float' | 'quantized';

const MODELS = [
  { value: 'float', label: 'Float' },
  { value: 'quantized', label: 'Quantized' },
] as const;

interface Props {
  readonly confusion: Confusion;
  readonly nameOf: (index: number) => string;
}

/** How often samples of each class were given each answer, by either model. */
export function ConfusionMatrix({ confusion, nameOf }: Props) {
  const [model, setModel] = useState<Model>('quantized');
  const { classes } = confusion;
  const counts = confusion[model];
  const all = [...Array(classes).keys()];
  return (
    <>
      <h3>Classes and answers</h3>
      <Segmented label="Answers of" options={MODELS} value={model} onChange={setModel} />
      <div className="matrix" role="region" aria-label="Confusion matrix" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">Label</th>
              {all.map((answer) => (
                <th key={answer} scope="col">
                  {nameOf(answer)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {all.map((label) => (
              <tr key={label}>
                <th scope="row">{nameOf(label)}</th>
                {all.map((answer) => {
                  const count = counts[label * classes + answer];
                  return (
                    <td key={answer} data-right={label === answer} data-none={count === 0}>
                      {integer(count)}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
