/** Forms and targets in the export panel, on the fake worker. */
import { act, fireEvent, screen, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { committedArchive } from '../../../testing/fixtures/golden-archives';
import { isIdle, renderStudio, violations } from '../../../testing/fakes/rendered-studio';
import { patch, settingsOf } from '../../../state/store';

/** Opens a part of the panel: what it holds is fetched then. */
async function open(title: string): Promise<HTMLElement> {
  const panel = screen.getByRole('region', { name: 'Export' });
  const part = within(panel).getByText(title).closest('details')!;
  await act(async () => {
    part.open = true;
    fireEvent(part, new Event('toggle'));
  });
  return part;
}

async function withFile() {
  const studio = await renderStudio();
  await act(async () => patch(studio.store, 'ui', { side: 'export' }));
  await studio.until(({ results }) => results.verification !== null);
  await studio.until(isIdle);
  return studio;
}

describe('other forms', () => {
  it('says why a form is not offered, and what a form that was run says before its download', async () => {
    const { controller, user, until } = await withFile();
    const part = await open('Other forms');
    // Not by the state: what asks for the forms is an effect, which a pending act would hold back.
    await within(part).findByRole('button', { name: 'Make ONNX, QDQ' });
    expect(within(part).getByText(/Not for this model: it has no dense layer/)).toBeTruthy();
    expect(within(part).queryByRole('button', { name: /Make ONNX, 4-bit/ })).toBeNull();
    await user.click(within(part).getByRole('button', { name: 'Make ONNX, QDQ' }));
    await until(({ forms }) => 'onnx-qdq' in forms.made && forms.waiting.length === 0);
    expect(within(part).getByText('97.50 %')).toBeTruthy();
    expect(within(part).getByText(/3 of 500 predictions changed · 1\.25 ms · onnxruntime-web/)).toBeTruthy();
    expect(within(part).getByRole('button', { name: 'Download ONNX, QDQ' }).textContent).toBe('61.0 kB');
    expect(await violations(part)).toEqual([]);
    // Under other settings it is another file.
    await act(async () => controller.edit((settings) => ({ ...settings, io: 'float32' })));
    expect(within(part).getByRole('button', { name: 'Make ONNX, QDQ' })).toBeTruthy();
  });
});

describe('targets', () => {
  it('finds what a target refuses and what memory is too small for, and a click on the fix changes the settings', async () => {
    const { store, user, until } = await withFile();
    const part = await open('Targets');
    await act(async () => patch(store, 'forms', { target: 'stm32mp2' }));
    const exported = store.getState().results.exported!;
    const bytes = committedArchive('quantized-models.zip').get('tf_int8.tflite')!;
    await act(async () => patch(store, 'results', { exported: { ...exported, value: { ...exported.value, bytes } } }));
    const check = await within(part).findByRole('region', { name: /Check of/ });
    expect(within(check).getAllByText(/stm32mp2\/per-channel/).length).toBe(1);
    expect(await violations(part)).toEqual([]);
    await user.clear(within(part).getByLabelText(/Flash, kB/));
    await user.type(within(part).getByLabelText(/Flash, kB/), '1{Enter}');
    expect(within(part).getByText(/memory\/flash/)).toBeTruthy();
    await user.click(within(check).getByRole('button', { name: 'One scale per tensor' }));
    expect(settingsOf(store.getState()).weights.granularity).toBe('tensor');
    await until(isIdle);
  });
});
