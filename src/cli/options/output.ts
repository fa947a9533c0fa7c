import { flag, oneOf, optional, text, withDefault } from './option';

/** What a command that takes its time writes. */
export const REPORT_OPTIONS = {
  report: optional('FILE.json', 'write the report', text),
  quiet: flag('only errors'),
};

/** The file that is made. */
export const FILE_OPTIONS = {
  io: withDefault('TYPE', 'int8 | float32 inputs and outputs', oneOf(['int8', 'float32']), 'int8'),
  cSource: optional('FILE.cc', 'write it as a C++ array as well, for TensorFlow Lite for Microcontrollers', text),
};
