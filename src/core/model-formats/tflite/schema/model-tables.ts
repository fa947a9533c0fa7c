/** Tables of a model but for its operators' options. See `tables.ts` for the notation. */
export const MODEL_TABLES = {
  Model: {
    version: [0, 'u32'],
    operatorCodes: [1, 'OperatorCode[]'],
    subgraphs: [2, 'SubGraph[]'],
    description: [3, 'string'],
    buffers: [4, 'Buffer[]'],
    metadata: [6, 'Metadata[]'],
    signatureDefs: [7, 'SignatureDef[]'],
  },
  OperatorCode: {
    /** All that readers before schema 3a know; saturates at 127. */
    deprecatedBuiltinCode: [0, 'i8'],
    customCode: [1, 'string'],
    version: [2, 'i32', 1],
    builtinCode: [3, 'i32'],
  },
  SubGraph: {
    tensors: [0, 'Tensor[]'],
    inputs: [1, 'i32[]'],
    outputs: [2, 'i32[]'],
    operators: [3, 'Operator[]'],
    name: [4, 'string'],
  },
  Tensor: {
    shape: [0, 'i32[]'],
    type: [1, 'i8'],
    buffer: [2, 'u32'],
    name: [3, 'string'],
    quantization: [4, 'QuantizationParameters'],
    isVariable: [5, 'bool'],
    sparsity: [6, 'SparsityParameters'],
    shapeSignature: [7, 'i32[]'],
    hasRank: [8, 'bool'],
    variantTensors: [9, 'VariantSubType[]'],
    /** Content in another file, which is not read. */
    externalBuffer: [10, 'u32'],
  },
  QuantizationParameters: {
    min: [0, 'f32[]'],
    max: [1, 'f32[]'],
    scale: [2, 'f32[]'],
    zeroPoint: [3, 'i64[]'],
    detailsType: [4, 'u8'],
    details: [5, 'union details'],
    quantizedDimension: [6, 'i32'],
  },
  CustomQuantization: { custom: [0, 'data'] },
  BlockwiseQuantization: { scales: [0, 'i32'], zeroPoints: [1, 'i32'], blockSize: [2, 'i32'] },
  MultiAxisQuantization: {
    scales: [0, 'i32'],
    zeroPoints: [1, 'i32'],
    blockSize: [2, 'i32'],
    quantizedDimensions: [3, 'i32[]'],
  },
  SparsityParameters: {
    traversalOrder: [0, 'i32[]'],
    blockMap: [1, 'i32[]'],
    dimMetadata: [2, 'DimensionMetadata[]'],
  },
  DimensionMetadata: {
    format: [0, 'i8'],
    denseSize: [1, 'i32'],
    arraySegmentsType: [2, 'u8'],
    arraySegments: [3, 'union indices'],
    arrayIndicesType: [4, 'u8'],
    arrayIndices: [5, 'union indices'],
  },
  Int32Vector: { values: [0, 'i32[]'] },
  Uint16Vector: { values: [0, 'u16[]'] },
  Uint8Vector: { values: [0, 'u8[]'] },
  VariantSubType: { shape: [0, 'i32[]'], type: [1, 'i8'], hasRank: [2, 'bool'] },
  Operator: {
    opcodeIndex: [0, 'u32'],
    inputs: [1, 'i32[]'],
    outputs: [2, 'i32[]'],
    builtinOptionsType: [3, 'u8'],
    builtinOptions: [4, 'union options'],
    customOptions: [5, 'u8[]'],
    customOptionsFormat: [6, 'i8'],
    mutatingVariableInputs: [7, 'u8[]'],
    intermediates: [8, 'i32[]'],
    /** Files over 2 GB keep custom options behind the FlatBuffer, too. */
    largeCustomOptionsOffset: [9, 'u64'],
    largeCustomOptionsSize: [10, 'u64'],
    builtinOptions2Type: [11, 'u8'],
    builtinOptions2: [12, 'union options2'],
  },
  Buffer: {
    data: [0, 'data'],
    /** Files over 2 GB keep the bytes behind the FlatBuffer: 0 and 1 mean they do not. */
    offset: [1, 'u64'],
    size: [2, 'u64'],
  },
  Metadata: { name: [0, 'string'], buffer: [1, 'u32'] },
  SignatureDef: {
    inputs: [0, 'TensorMap[]'],
    outputs: [1, 'TensorMap[]'],
    signatureKey: [2, 'string'],
    subgraphIndex: [4, 'u32'],
  },
  TensorMap: { name: [0, 'string'], tensorIndex: [1, 'u32'] },

  /** Root of the metadata entry CONVERSION_METADATA, a FlatBuffer of its own. */
  ConversionMetadata: { environment: [0, 'ConversionEnvironment'] },
  ConversionEnvironment: { tensorflowVersion: [0, 'string'] },

  /** Root of the metadata entry TFLITE_METADATA, a FlatBuffer of its own (metadata_schema.fbs of TFLite Support). */
  ModelMetadata: { subgraphMetadata: [3, 'SubGraphMetadata[]'] },
  SubGraphMetadata: {
    inputTensorMetadata: [2, 'TensorMetadata[]'],
    outputTensorMetadata: [3, 'TensorMetadata[]'],
  },
  TensorMetadata: { processUnits: [4, 'ProcessUnit[]'], associatedFiles: [6, 'AssociatedFile[]'] },
  AssociatedFile: { name: [0, 'string'], type: [2, 'i8'] },
  ProcessUnit: { optionsType: [0, 'u8'], options: [1, 'union processing'] },
  /** Of values in 0..255: (value − mean) / std, by channel or for all of them. */
  NormalizationOptions: { mean: [0, 'f32[]'], std: [1, 'f32[]'] },
} as const;
