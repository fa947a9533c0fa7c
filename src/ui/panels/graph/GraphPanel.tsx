/** The model's topology: what feeds what, skips included, coloured by what quantization does to each node. */
import { useEffect, useMemo, useRef, useState } from 'react';
import { toErrorInfo, type ErrorInfo } from '../../../base/errors';
import { useController, useStudio } from '../../app/studio';
import { shownResult } from '../../../state/results/comparison';
import { ErrorCard } from '../../parts/ErrorCard';
import { Icon } from '../../parts/Icon';
import { download } from '../export/download';
import { useLayerRows } from '../layers/use-layer-rows';
import { GraphCanvas } from './GraphCanvas';
import { Layouter, type Placed } from './layout';
import { nodeData, readNodeData } from './node-data';
import { OVERLAYS, shades, shadesOf, type OverlayId } from './overlay';
import { scopeDepth, topologyOf } from './topology';
import './graph.css';

const NO_SCOPES: ReadonlySet<string> = new Set();

export default function GraphPanel() {
  const controller = useController();
  const model = useStudio((state) => state.model.view);
  const selected = useStudio((state) => state.selection.layer);
  const search = useStudio((state) => state.ui.search);
  const metric = useStudio((state) => shownResult(state, 'evaluation')?.value.float.metric ?? 'top1');
  const rows = useLayerRows();
  const [overlay, setOverlay] = useState<OverlayId>('sqnr');
  const [own, setOwn] = useState<ReadonlyMap<string, number> | null>(null);
  const [error, setError] = useState<ErrorInfo | null>(null);
  const [depth, setDepth] = useState(0);
  const [expanded, setExpanded] = useState(NO_SCOPES);
  const deepest = useMemo(() => scopeDepth(model?.layers ?? []), [model]);
  const topology = useMemo(() => (model ? topologyOf(model, depth, expanded) : null), [model, depth, expanded]);
  const { placed, failure } = useLayout(topology);
  const shadeOf = useMemo(
    () => (overlay === 'file' ? shadesOf(own ?? new Map<string, number>()) : shades(overlay, rows, metric)),
    [overlay, own, rows, metric],
  );
  const file = useRef<HTMLInputElement>(null);
  if (!model || !topology) return null;
  const save = () => {
    const values = new Map(
      rows.flatMap(({ layer, sqnrDb }) =>
        sqnrDb === null || sqnrDb === Infinity ? [] : [[layer.id, sqnrDb] as const],
      ),
    );
    download(`${model.name}.sqnr.json`, new Blob([nodeData(model.name, values)], { type: 'application/json' }));
  };
  const read = async (picked: File | undefined) => {
    if (!picked) return;
    try {
      setOwn(readNodeData(await picked.text(), model.layers, picked.name));
      setOverlay('file');
      setError(null);
    } catch (thrown) {
      setError(toErrorInfo(thrown));
    }
  };
  return (
    <>
      <div className="graph-tools">
        <label className="labelled">
          <span className="visually-hidden">Colour by</span>
          <select className="field" value={overlay} onChange={({ target }) => setOverlay(target.value as OverlayId)}>
            {OVERLAYS.map(({ id, label }) => (
              <option key={id} value={id}>
                {label}
              </option>
            ))}
            {own && <option value="file">from a file</option>}
          </select>
        </label>
        {deepest > 0 && (
          <label className="labelled">
            <span className="visually-hidden">Collapse scopes</span>
            <select
              className="field"
              value={depth}
              onChange={({ target }) => {
                setDepth(Number(target.value));
                setExpanded(NO_SCOPES);
              }}
            >
              <option value={0}>all ops</option>
              {Array.from({ length: deepest }, (_, i) => (
                <option key={i} value={i + 1}>
                  scopes, level {i + 1}
                </option>
              ))}
            </select>
          </label>
        )}
        <button type="button" className="button small" onClick={() => file.current?.click()}>
          Overlay…
        </button>
        <input
          ref={file}
          hidden
          type="file"
          accept=".json"
          aria-label="Node data of Model Explorer"
          onChange={({ target }) => {
            void read(target.files?.[0]);
            target.value = '';
          }}
        />
        <button
          type="button"
          className="button small icon"
          aria-label="Save SQNR as node data of Model Explorer"
          onClick={save}
        >
          <Icon name="download" />
        </button>
      </div>
      {error && <ErrorCard title="The overlay cannot be used" error={error} onDismiss={() => setError(null)} />}
      {failure && <ErrorCard title="The graph could not be laid out" error={failure} />}
      {placed ? (
        <GraphCanvas
          topology={topology}
          placed={placed}
          shades={shadeOf}
          selected={selected}
          search={search}
          onPick={(node) => {
            if (node.kind === 'scope') setExpanded(new Set([...expanded, node.label]));
            else if (node.layers[0] !== undefined) controller.select(node.layers[0]);
          }}
        />
      ) : (
        !failure && <p className="quiet graph-wait">Laying out {topology.nodes.length.toLocaleString('en')} nodes…</p>
      )}
      {expanded.size > 0 && (
        <button type="button" className="button small graph-fold" onClick={() => setExpanded(NO_SCOPES)}>
          Collapse again
        </button>
      )}
    </>
  );
}

/** Places for the newest topology; the ones before stay until it has its own. */
function useLayout(topology: ReturnType<typeof topologyOf> | null): {
  readonly placed: Placed | null;
  readonly failure: ErrorInfo | null;
} {
  const layouter = useRef<Layouter | null>(null);
  const [result, setResult] = useState<{ of: unknown; placed: Placed | null; failure: ErrorInfo | null } | null>(null);
  useEffect(
    () => () => {
      layouter.current?.dispose();
      layouter.current = null;
    },
    [],
  );
  useEffect(() => {
    if (!topology) return;
    let wanted = true;
    layouter.current ??= new Layouter();
    layouter.current.place(topology).then(
      (placed) => wanted && setResult({ of: topology, placed, failure: null }),
      (thrown: unknown) => wanted && setResult({ of: topology, placed: null, failure: toErrorInfo(thrown) }),
    );
    return () => void (wanted = false);
  }, [topology]);
  return result?.of === topology ? { placed: result.placed, failure: result.failure } : { placed: null, failure: null };
}
