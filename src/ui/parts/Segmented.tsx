interface Props<T extends string> {
  readonly label: string;
  readonly options: readonly { readonly value: T; readonly label: string }[];
  readonly value: T;
  readonly onChange: (value: T) => void;
}

/** One of a few, all visible. A radio group: arrow keys move the choice. */
export function Segmented<T extends string>({ label, options, value, onChange }: Props<T>) {
  const index = options.findIndex((option) => option.value === value);
  const move = (by: number, target: HTMLElement) => {
    const next = (index + by + options.length) % options.length;
    onChange(options[next]!.value);
    (target.parentElement?.children[next] as HTMLElement | undefined)?.focus();
  };
  return (
    <div className="segmented" role="radiogroup" aria-label={label}>
      {options.map((option, i) => (
        <button
          key={option.value}
          type="button"
          role="radio"
          aria-checked={option.value === value}
          // Where none of them holds, the first can be reached.
          tabIndex={i === Math.max(0, index) ? 0 : -1}
          onClick={() => onChange(option.value)}
          onKeyDown={(event) => {
            if (event.key === 'ArrowRight' || event.key === 'ArrowDown') move(1, event.currentTarget);
            else if (event.key === 'ArrowLeft' || event.key === 'ArrowUp') move(-1, event.currentTarget);
            else return;
            event.preventDefault();
          }}
        >
          {option.label}
        </button>
      ))}
    </div>
  );
}
