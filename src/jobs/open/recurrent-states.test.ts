import { expect, it } from 'vitest';
import { tensorOf } from '../../core/graph/graph';
import { liveTensors, TestSession } from '../../testing/builders/session';
import { committedArchive } from '../../testing/fixtures/golden-archives';

it('begins samples with states from amid a sequence, which will give the states their ranges', async () => {
  const studio = new TestSession();
  await studio.session.tfjs();
  const before = liveTensors();
  const path = 'stateful.keras';
  const bytes = committedArchive('keras-layers.zip').get(path)!;
  const view = await studio.run('openModel', { files: [{ path, bytes }] });
  expect(view.result.notes.filter((note) => note.includes('stateful'))).toHaveLength(2);
  const { result: data } = await studio.run('randomData', { seed: 1, calibrationSamples: 32, evaluationSamples: 4 });
  expect(data.sampleShape).toEqual([5, 4]);

  const { graph } = studio.session.computableModel;
  const { calibration } = studio.session.data.split;
  const rows = await Promise.all(Array.from(calibration, (index) => studio.session.data.reader.read(index)));
  // Twenty values of a sample, then the states of both layers: zero for one of the cycle, not for others.
  const states = rows.map((row) => row.subarray(20));
  expect(states[0]).toHaveLength(6 + 6 + 3);
  expect(states.filter((state) => state.some((value) => value !== 0)).length).toBeGreaterThan(24);

  expect(graph.provenance.states!.map(({ output }) => tensorOf(graph, output).shape)).toEqual([[-1, 6], [-1, 6], [-1, 3]]); // prettier-ignore
  expect(studio.close(before)).toBe(0);
});
