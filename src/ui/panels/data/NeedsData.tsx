import { Icon } from '../../parts/Icon';
import { useController, useStudio } from '../../app/studio';
import './data.css';

/** What is missing before anything can be computed, and the way on. */
export function NeedsData() {
  const controller = useController();
  const name = useStudio((state) => state.data.view?.name ?? null);
  return (
    <>
      <p className="quiet">
        {name !== null && `“${name}” does not fit this model. `}
        Drop data to calibrate on: class folders, a zip, npy/npz, IDX or CSV.
      </p>
      <button type="button" className="button" onClick={() => void controller.opener.useRandomData()}>
        <Icon name="dice" />
        Use random data
      </button>
    </>
  );
}
