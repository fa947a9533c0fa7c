import { checkedFile, fileState } from '../../../state/autopilot/file-ready';
import { freshness } from '../../../state/slices/results';
import { patch, settingsOf } from '../../../state/store';
import { bytes } from '../../parts/format';
import { Icon } from '../../parts/Icon';
import { Tip } from '../../parts/Tip';
import { useController, useStudio, useStudioStore } from '../../app/studio';
import { download } from './download';

/** Always one click: it waits for the check where there is one to wait for, and then saves; another click takes it back. */
export function DownloadButton({ short = false }: { readonly short?: boolean }) {
  const controller = useController();
  const store = useStudioStore();
  const state = useStudio(fileState);
  const saving = useStudio(({ ui }) => ui.saving);
  const job = useStudio(({ jobs }) => jobs.running.find(({ background }) => !background) ?? null);
  const size = useStudio((s) =>
    freshness(s.results.exported, settingsOf(s), s.results.basis) === 'fresh'
      ? s.results.exported!.value.bytes.length
      : null,
  );
  const save = async () => {
    const file = await checkedFile(store, controller.pipeline);
    if (file) download(file.fileName, new Blob([file.bytes.slice()]));
  };
  const usual = short ? 'Download' : `Download .tflite${size === null ? '' : ` (${bytes(size)})`}`;
  const tip = saving
    ? 'Click again to take it back'
    : state === 'ready'
      ? 'The file that the figures are about'
      : 'The file is saved as soon as it is checked';
  return (
    <Tip text={tip}>
      <button
        type="button"
        className="button primary"
        disabled={state === 'none' || state === 'blocked'}
        aria-pressed={saving}
        onClick={() => (saving ? patch(store, 'ui', { saving: false }) : void save())}
      >
        <Icon name="download" />
        {saving ? `Saved once checked${job ? ` · ${Math.round(100 * job.progress.fraction)} %` : '…'}` : usual}
      </button>
    </Tip>
  );
}
