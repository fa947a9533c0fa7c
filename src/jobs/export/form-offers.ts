/** Which forms a file can have under these settings, and why it cannot have the others. */
import { FORMS } from '../../core/exports/forms';
import type { Spec } from '../contract/jobs';
import type { FormOffer } from '../contract/form-protocol';
import type { Session } from '../session/session';
import { formSource } from './export-form';

export function formOffers(session: Session, { settings }: Spec<'formOffers'>): FormOffer[] {
  const variant = { graph: session.quantizableModel.graph, calibration: session.calibration };
  const source = formSource(session, variant, settings);
  return FORMS.map((row) => {
    const whyNot = row.whyNot?.(source) ?? null;
    const { id, title, explain, extension, runtime } = row;
    return { id, title, explain, extension, runtime, whyNot };
  });
}
