const WIDTH = 90;
const HEIGHT = 18;

/** A falling loss at a glance, logarithmic. */
export function Sparkline({ values }: { values: readonly number[] }) {
  const logs = values.filter((value) => value > 0).map(Math.log);
  const [low, high] = [Math.min(...logs), Math.max(...logs)];
  const points = logs.map((value, i) => {
    const x = (i / Math.max(1, logs.length - 1)) * WIDTH;
    return `${x.toFixed(1)} ${(1 + (HEIGHT - 2) * (1 - (value - low) / (high - low || 1))).toFixed(1)}`;
  });
  return (
    <svg className="sparkline" width={WIDTH} height={HEIGHT} aria-hidden="true">
      {points.length > 1 && <path d={`M${points.join('L')}`} />}
    </svg>
  );
}
