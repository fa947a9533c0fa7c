/** A TF.js LayersModel as the two files it is kept in. */
import { io } from '@tensorflow/tfjs-core';
import { loadLayersModel, type LayersModel } from '@tensorflow/tfjs-layers';

export interface LayersFiles {
  /** model.json */
  readonly json: string;
  /** weights.bin */
  readonly weights: Uint8Array;
}

export async function toFiles(model: LayersModel): Promise<LayersFiles> {
  let files: LayersFiles | undefined;
  await model.save(
    io.withSaveHandler((artifacts) => {
      const { format, generatedBy, convertedBy, modelTopology, weightSpecs, weightData } = artifacts;
      const weightsManifest = [{ paths: ['weights.bin'], weights: weightSpecs }];
      files = {
        json: JSON.stringify({ format, generatedBy, convertedBy, modelTopology, weightsManifest }),
        weights: new Uint8Array(weightData as ArrayBuffer),
      };
      return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } });
    }),
  );
  return files!;
}

export async function fromFiles({ json, weights }: LayersFiles): Promise<LayersModel> {
  const { modelTopology, weightsManifest } = JSON.parse(json) as io.ModelJSON;
  const weightSpecs = weightsManifest.flatMap((group) => group.weights);
  return loadLayersModel(io.fromMemory({ modelTopology, weightSpecs, weightData: weights.slice().buffer }));
}
