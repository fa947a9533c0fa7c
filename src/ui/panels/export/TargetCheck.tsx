import { useMemo } from 'react';
import { applyFix } from '../../../core/targets/apply-fix';
import { fileFacts } from '../../../core/targets/file-facts';
import { lint, type LintResult } from '../../../core/targets/lint';
import { TARGETS, targetOf } from '../../../core/targets/table';
import type { Finding, Fix } from '../../../core/targets/target';
import { freshness } from '../../../state/slices/results';
import { patch, settingsOf, type StudioState } from '../../../state/store';
import { useController, useStudio, useStudioStore } from '../../app/studio';
import { NumberField } from '../../fields/NumberField';

const KB = 1000;

/** Where the file is to run, and what keeps it from that: each finding with the button that makes it go away. */
export default function TargetCheck() {
  const store = useStudioStore();
  const target = useStudio((state) => state.forms.target);
  const budget = useStudio((state) => state.forms.budget);
  const set = (change: Partial<StudioState['forms']>) => patch(store, 'forms', change);
  return (
    <>
      <label className="labelled">
        <span>Runs on</span>
        <select
          className="field"
          value={target ?? ''}
          onChange={(event) => set({ target: event.target.value || null })}
        >
          <option value="">not chosen</option>
          {TARGETS.map(({ id, title }) => (
            <option key={id} value={id}>
              {title}
            </option>
          ))}
        </select>
      </label>
      {target !== null && (
        <>
          <div className="budget">
            <NumberField
              label="Flash, kB (0: any)"
              value={(budget.flashBytes ?? 0) / KB}
              min={0}
              width={6}
              onCommit={(kB) => set({ budget: { ...budget, flashBytes: kB * KB } })}
            />
            <NumberField
              label="RAM, kB (0: any)"
              value={(budget.arenaBytes ?? 0) / KB}
              min={0}
              width={6}
              onCommit={(kB) => set({ budget: { ...budget, arenaBytes: kB * KB } })}
            />
          </div>
          <Checked target={target} />
        </>
      )}
    </>
  );
}

interface CheckedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The int8 file and every other .tflite that was made under the settings of this moment. */
function useFiles(): CheckedFile[] {
  const exported = useStudio(({ results }) => results.exported);
  const made = useStudio(({ forms }) => forms.made);
  const settings = useStudio(settingsOf);
  const basis = useStudio(({ results }) => results.basis);
  return useMemo(() => {
    const files = [
      ...(exported ? [{ ...exported, value: { fileName: exported.value.fileName, bytes: exported.value.bytes } }] : []),
      ...Object.values(made).filter(({ value }) => value.form !== 'int8' && value.fileName.endsWith('.tflite')),
    ];
    return files
      .filter((file) => freshness(file, settings, basis) === 'fresh')
      .map(({ value: { fileName, bytes } }) => ({ name: fileName, bytes }));
  }, [exported, made, settings, basis]);
}

function Checked({ target }: { readonly target: string }) {
  const files = useFiles();
  const { flashBytes, arenaBytes } = useStudio((state) => state.forms.budget);
  const results = useMemo(() => {
    const budget = { ...(flashBytes && { flashBytes }), ...(arenaBytes && { arenaBytes }) };
    return files.flatMap(({ name, bytes }) => {
      try {
        return [lint(fileFacts(bytes, name), targetOf(target)!, budget)];
      } catch {
        return []; // no file to look at: a stand-in for one, as tests have
      }
    });
  }, [files, target, flashBytes, arenaBytes]);
  if (results.length === 0) return <p className="quiet">The file is checked as soon as it is written.</p>;
  return results.map((result) => <Result key={result.file} result={result} />);
}

function Result({ result: { file, findings, operators, supported } }: { readonly result: LintResult }) {
  const rules = [...new Set(findings.map(({ rule }) => rule))];
  const refused = findings.some(({ severity }) => severity === 'error');
  return (
    <section className="lint" aria-label={`Check of ${file}`} data-refused={refused}>
      <p>
        <strong>{refused ? 'Does not run there' : findings.length === 0 ? 'Nothing found' : 'Runs'}</strong>{' '}
        <span className="quiet">
          {file} · {supported} of {operators} operators without a limit
        </span>
      </p>
      <ul className="findings">
        {rules.map((rule) => (
          <Found key={rule} findings={findings.filter((finding) => finding.rule === rule)} />
        ))}
      </ul>
    </section>
  );
}

/** All findings of one rule: what it says of the first operator, and of how many more. */
function Found({ findings }: { readonly findings: readonly Finding[] }) {
  const [{ rule, severity, message, source, operator, fix }] = findings as [Finding, ...Finding[]];
  return (
    <li data-severity={severity}>
      <span className="lint-severity">{severity}</span> {operator && <span className="mono">{operator.name}</span>}{' '}
      {message}
      {findings.length > 1 && ` And ${findings.length - 1} more.`}{' '}
      <span className="quiet">
        {rule}; {source}
      </span>
      {fix && <FixButton fix={fix} />}
    </li>
  );
}

function FixButton({ fix }: { readonly fix: Fix }) {
  const controller = useController();
  const store = useStudioStore();
  const apply = () => {
    const { form } = applyFix(settingsOf(store.getState()), fix);
    controller.edit((settings) => applyFix(settings, fix).settings);
    if (form !== undefined && form !== 'int8') void controller.forms.make([form]);
  };
  return (
    <button type="button" className="button small" onClick={apply}>
      {fix.label}
    </button>
  );
}
