import { useState } from 'react';
import { Icon } from '../parts/Icon';
import { useController, useStudio } from './studio';

const KEY = 'rangefinder.welcomed';
/** Among the bundled samples, the one that goes wrong and can be repaired. */
const STORY = 'digits-rescaled-tensor';

/** What the page is and what to do next, until somebody has read it or brought a model of their own. */
export function Welcome() {
  const controller = useController();
  const [read, setRead] = useState(() => localStorage.getItem(KEY) !== null);
  const current = useStudio(({ samples }) => samples.list.find(({ id }) => id === samples.current) ?? null);
  const story = useStudio(({ samples }) => samples.list.find(({ id }) => id === STORY) ?? null);
  if (read || !current) return null;
  return (
    <aside className="welcome" aria-label="What this page is">
      <p>
        Rangefinder makes networks small here in the browser, and shows what that costs in every layer.{' '}
        {current.story
          ? 'This one loses most of what it knew: the diagnosis says why, and each fix is one click.'
          : 'This is a sample: open or drop your own model and data.'}
      </p>
      {!current.story && story && (
        <button type="button" className="button small" onClick={() => void controller.opener.openSample(story.id)}>
          See int8 ruin one, and the repair
        </button>
      )}
      <button
        type="button"
        className="button bare small icon"
        aria-label="Do not show this again"
        onClick={() => {
          localStorage.setItem(KEY, 'yes');
          setRead(true);
        }}
      >
        <Icon name="close" />
      </button>
    </aside>
  );
}
