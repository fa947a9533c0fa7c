import { useController } from './studio';
import { likelySize } from './likely-size';

/** Asks for the sizes that a model leaves open, and opens it with them. */
export function OpenSizes({ names }: { readonly names: readonly string[] }) {
  const controller = useController();
  return (
    <form
      className="open-sizes"
      onSubmit={(event) => {
        event.preventDefault();
        const given = new FormData(event.currentTarget);
        const sizes = Object.fromEntries(names.map((name) => [name, Number(given.get(name))]));
        void controller.opener.openWithSizes(sizes);
      }}
    >
      {names.map((name) => (
        <label key={name} className="labelled">
          <span className="mono">{name}</span>
          <input
            className="field mono"
            type="number"
            name={name}
            min={1}
            step={1}
            required
            defaultValue={likelySize(name)}
          />
        </label>
      ))}
      <button type="submit" className="button small primary">
        Open with these sizes
      </button>
    </form>
  );
}
