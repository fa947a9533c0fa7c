import type { SamplePreview } from '../../../jobs/contract/protocol';
import { Thumbnail } from './Thumbnail';

/** A few raw samples as they are in the file, before preprocessing. */
export function Previews({ previews }: { previews: readonly SamplePreview[] }) {
  const images = previews.filter(({ rgba }) => rgba.length > 0);
  if (images.length === 0) return null;
  return (
    <ul className="previews">
      {images.map((preview) => (
        <li key={preview.index}>
          <Thumbnail preview={preview} />
          <span>{preview.label ?? `#${preview.index}`}</span>
        </li>
      ))}
    </ul>
  );
}
