import { useEffect, useRef, useState } from 'react';
import { useController } from '../studio';
import { readDrop } from './read-drop';
import './drop.css';

/** The whole window takes files; the overlay says so while something is held over it. */
export function DropOverlay() {
  const controller = useController();
  const [over, setOver] = useState(false);
  /** dragenter and dragleave also fire between children: only their balance says whether the window was left. */
  const depth = useRef(0);
  useEffect(() => {
    const carriesFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
    const leave = () => {
      depth.current = 0;
      setOver(false);
    };
    const handlers = {
      dragenter: (event: DragEvent) => {
        if (!carriesFiles(event)) return;
        depth.current++;
        setOver(true);
      },
      dragleave: (event: DragEvent) => {
        if (carriesFiles(event) && --depth.current <= 0) leave();
      },
      dragover: (event: DragEvent) => {
        if (carriesFiles(event)) event.preventDefault();
      },
      drop: (event: DragEvent) => {
        if (!event.dataTransfer || !carriesFiles(event)) return;
        event.preventDefault();
        leave();
        void controller.opener.openFiles(readDrop(event.dataTransfer));
      },
    };
    const names = Object.keys(handlers) as (keyof typeof handlers)[];
    for (const name of names) window.addEventListener(name, handlers[name]);
    return () => {
      for (const name of names) window.removeEventListener(name, handlers[name]);
    };
  }, [controller]);
  if (!over) return null;
  return (
    <div className="drop-overlay" aria-hidden="true">
      <div>
        <strong>Drop a model, data, or both</strong>
        <span>.tflite, ONNX, Keras, TensorFlow.js · folders of images or WAV, zip, npy/npz, IDX, CSV</span>
        <span>Nothing leaves this computer.</span>
      </div>
    </div>
  );
}
