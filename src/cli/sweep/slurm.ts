/** What `sbatch` takes: an array with a task for each trial, which needs the folder of the sweep and nothing else. */

export interface SlurmScript {
  /** Lists the keys of the trials, a line each. */
  readonly list: string;
  readonly folder: string;
  readonly trials: number;
  /** How `rangefinder` is called on the machines. */
  readonly program: string;
}

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

export function slurmScript({ list, folder, trials, program }: SlurmScript): string {
  return `#!/usr/bin/env bash
#SBATCH --job-name=rangefinder
#SBATCH --array=1-${trials}
#SBATCH --cpus-per-task=1
#SBATCH --output=/dev/null
# Submit with: sbatch FILE. A task that is done is not done again, so the array may be submitted once more after a failure.
set -euo pipefail
key=$(sed -n "\${SLURM_ARRAY_TASK_ID}p" ${quoted(list)})
exec ${program} work ${quoted(folder)} --trial "$key"
`;
}
