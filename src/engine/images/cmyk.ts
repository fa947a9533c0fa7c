/**
 * JPEG of four inks, which the wasm build of mozjpeg refuses: it asks libjpeg for RGBA, which libjpeg computes of no inks.
 * Such files are rare, so that a decoder in JavaScript is fast enough; every other JPEG stays with mozjpeg.
 */
import { decode } from 'jpeg-js';
import type { RawSample } from '../../core/data/types';
import { BUDGET } from '../../base/budget';
import { RangefinderError, toErrorInfo } from '../../base/errors';

/** MiB that decoding may take; 20 megapixels of four components do with less. */
const MEMORY = 512;

/** Adobe's marker (TN 5116) saying that nothing was transformed, which Pillow assumes where there is none. */
const ADOBE = Uint8Array.of(0xff, 0xee, 0, 14, ...new TextEncoder().encode('Adobe'), 0, 100, 0, 0, 0, 0, 0);

/**
 * RGB of inks as Pillow's convert("RGB") sees them: samples are how much ink is missing, as Adobe writes them, and YCCK
 * goes through CMY. Profiles of inks are not applied.
 *
 * @param bytes a JPEG file whose frame has four components
 * @param hasAdobe whether Adobe's marker is among its segments
 * @throws RangefinderError 'corrupt-file', 'too-large'
 */
export function decodeCmyk(bytes: Uint8Array, hasAdobe: boolean): RawSample {
  try {
    const marked = hasAdobe ? bytes : withAdobe(bytes);
    const limits = { maxResolutionInMP: BUDGET.pixels / 1e6, maxMemoryUsageInMB: MEMORY };
    const { width, height, data } = decode(marked, {
      useTArray: true,
      formatAsRGBA: false,
      tolerantDecoding: false,
      ...limits,
    });
    return { shape: [height, width, 3], values: data };
  } catch (thrown) {
    const reason = toErrorInfo(thrown).message.replace(/^Unexpected failure: /, '');
    const isLarge = /limit exceeded/.test(reason);
    throw new RangefinderError(
      {
        code: isLarge ? 'too-large' : 'corrupt-file',
        message: isLarge
          ? `The JPEG image in CMYK takes more than ${MEMORY} MiB to decode.`
          : `The JPEG image is damaged: ${reason}.`,
        hint: isLarge ? 'Scale the image down, or convert it to RGB.' : 'Remove or replace the file.',
      },
      { cause: thrown },
    );
  }
}

function withAdobe(bytes: Uint8Array): Uint8Array {
  const marked = new Uint8Array(bytes.length + ADOBE.length);
  marked.set(bytes.subarray(0, 2));
  marked.set(ADOBE, 2);
  marked.set(bytes.subarray(2), 2 + ADOBE.length);
  return marked;
}
