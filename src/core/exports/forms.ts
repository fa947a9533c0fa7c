/** Every kind of file that a model can leave as. A new one is a row in a file beside this one. */
import type { FormRow } from './form';
import { ONNX_FORMS } from './onnx-forms';
import { TFJS_FORM } from './tfjs-form';
import { TFLITE_FORMS } from './tflite-forms';

export const FORMS: readonly FormRow[] = [...TFLITE_FORMS, ...ONNX_FORMS, TFJS_FORM];

export function formOf(id: string): FormRow | undefined {
  return FORMS.find((form) => form.id === id);
}
