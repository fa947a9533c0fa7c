import { Icon } from '../parts/Icon';
import { useController, useStudio } from './studio';

/** Things that happened and need no answer. */
export function Notices() {
  const controller = useController();
  const notices = useStudio((state) => state.jobs.notices);
  return (
    <div className="notices" role="log" aria-label="Notices">
      {notices.map(({ key, tone, text }) => (
        <p key={key} data-tone={tone}>
          <span>{text}</span>
          <button
            type="button"
            className="button bare small icon"
            aria-label="Dismiss"
            onClick={() => controller.dismiss(key)}
          >
            <Icon name="close" />
          </button>
        </p>
      ))}
    </div>
  );
}
