import type { Project } from '../../../core/project/archive';
import { reportOf } from '../export/report-file';
import type { StudioState } from '../../../state/store';

/** What a project file holds besides the work itself: the report, where there is one, and pictures of a few samples. */
export async function projectExtras(state: StudioState): Promise<Pick<Project, 'report' | 'thumbnails'>> {
  const report = reportOf(state);
  const pictures = (state.data.view?.previews ?? []).filter(({ rgba }) => rgba.length > 0);
  const thumbnails = await Promise.all(
    pictures.map(async ({ rgba, width, height, index }) => {
      const canvas = new OffscreenCanvas(width, height);
      canvas.getContext('2d')!.putImageData(new ImageData(new Uint8ClampedArray(rgba), width, height), 0, 0);
      const blob = await canvas.convertToBlob({ type: 'image/png' });
      return { path: `${index}.png`, bytes: new Uint8Array(await blob.arrayBuffer()) };
    }),
  );
  return { ...(report && { report }), thumbnails };
}
