/** Measured on boards, so that arithmetic is never taken for a device. */

export interface ReferenceCard {
  readonly core: string;
  readonly megahertz: number;
  /** MLPerf Tiny benchmark, int8. */
  readonly model: 'image classification' | 'keyword spotting' | 'visual wake words' | 'anomaly detection';
  readonly macs: number;
  readonly milliseconds: number;
  /** Of the whole board for one inference; absent where it was not measured. */
  readonly microjoules?: number;
  readonly source: string;
}

const SOURCE = 'MLPerf Tiny v1.1, results of STMicroelectronics';
const MACS = { ic: 12_501_632, kws: 2_656_768, vww: 7_489_664, ad: 264_192 };
const M4 = { core: 'Cortex-M4', megahertz: 120, source: SOURCE };
const ic = { model: 'image classification', macs: MACS.ic } as const;

export const REFERENCE_CARDS: readonly ReferenceCard[] = [
  { ...M4, ...ic, milliseconds: 214, microjoules: 7019 },
  { ...M4, model: 'keyword spotting', macs: MACS.kws, milliseconds: 62.9, microjoules: 2833 },
  { ...M4, model: 'visual wake words', macs: MACS.vww, milliseconds: 118.7, microjoules: 5618 },
  { ...M4, model: 'anomaly detection', macs: MACS.ad, milliseconds: 6.86, microjoules: 294 },
  { ...ic, core: 'Cortex-M7', megahertz: 280, milliseconds: 51.9, source: SOURCE },
  { ...ic, core: 'Cortex-M33', megahertz: 160, milliseconds: 128, source: SOURCE },
];

/** What a card says about one multiply-accumulate. */
export function perMac({ megahertz, macs, milliseconds, microjoules }: ReferenceCard): {
  readonly cycles: number;
  readonly picojoules: number | null;
} {
  return {
    cycles: (milliseconds * megahertz * 1e3) / macs,
    picojoules: microjoules === undefined ? null : (microjoules * 1e6) / macs,
  };
}
