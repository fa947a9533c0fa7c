import { useEffect, useRef } from 'react';
import type { SamplePreview } from '../../../jobs/contract/protocol';

/** A sample as a picture; one that is no image has none. */
export function Thumbnail({ preview: { rgba, width, height, label, index } }: { preview: SamplePreview }) {
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
