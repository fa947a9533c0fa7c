/** In place of a process that does trials: sends back the seed, and dies of some. */
process.on('message', ({ id, trial }) => {
  if (trial.seed === 13) process.exit(9);
  if (trial.seed === 14) return process.send({ id, error: { code: 'invalid-data', message: 'No.' } });
  if (trial.seed !== 99) process.send({ id, report: { seed: trial.seed, process: process.pid } });
});
process.on('disconnect', () => process.exit(0));
