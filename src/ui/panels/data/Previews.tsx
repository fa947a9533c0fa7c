import { useEffect, useRef } from 'react';
import type { SamplePreview } from '../../../jobs/contract/protocol';

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

function Thumbnail({ preview: { rgba, width, height, label, index } }: { preview: SamplePreview }) {
  const ref = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const image = new ImageData(new Uint8ClampedArray(rgba), width, height);
    ref.current?.getContext('2d')?.putImageData(image, 0, 0);
  }, [rgba, width, height]);
  return (
    <canvas
      ref={ref}
      width={width}
      height={height}
      role="img"
      aria-label={`Sample ${index}${label ? `: ${label}` : ''}`}
    />
  );
}
