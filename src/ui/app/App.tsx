import { lazy, Suspense } from 'react';
import { useStudio } from './studio';
import { DropOverlay } from './drop/DropOverlay';
import { usePaste } from './drop/use-paste';
import { Header } from './header/Header';
import { LessonsHost } from '../panels/lessons/LessonsHost';
import { LayerList } from '../panels/layers/LayerList';
import { ChartsPanel } from '../panels/summary/ChartsPanel';
import { Readout } from '../panels/summary/Readout';
import { VerdictLine } from '../panels/summary/VerdictLine';
import { ErrorBoundary } from '../parts/ErrorBoundary';
import { Middle } from './Middle';
import { Notices } from './Notices';
import { Problems } from './Problems';
import { PlaceBar } from './side/PlaceBar';
import { Side } from './side/Side';
import { LockNote, lockedProps, useLock } from './use-lock';
import { useShortcuts } from './use-shortcuts';
import { TipHost } from '../parts/Tip';
import { Welcome } from './Welcome';
import { WorkOffer } from './WorkOffer';
import './app.css';

// Opened on demand.
const Dialogs = lazy(() => import('./Dialogs'));

/** One screen: what came of it on top, the layers at the left, the chosen one in the middle, data, settings and the way out right. */
export function App() {
  useShortcuts();
  const dialog = useStudio(({ ui }) => ui.dialog !== null);
  usePaste();
  const asList = useStudio((state) => state.ui.layersAs === 'list');
  const listLocked = useLock('list');
  const place = useStudio((state) => state.ui.place);
  return (
    <div className="app">
      <a className="skip-link" href="#view">
        Skip to the view
      </a>
      <Header />
      <main>
        <ErrorBoundary what="The summary">
          <Readout />
          <VerdictLine />
        </ErrorBoundary>
        <Welcome />
        <WorkOffer />
        <Problems />
        <div className="columns" data-shown={place}>
          <div className="column" data-place="layers" {...lockedProps(listLocked)}>
            <LockNote locked={listLocked} />
            <ErrorBoundary what="The list of layers">
              <LayerList />
            </ErrorBoundary>
            {asList && (
              <ErrorBoundary what="The charts">
                <ChartsPanel />
              </ErrorBoundary>
            )}
          </div>
          <Middle />
          <ErrorBoundary what="Data, settings and export">
            <Side />
          </ErrorBoundary>
        </div>
      </main>
      <PlaceBar />
      <LessonsHost />
      <Notices />
      {dialog && (
        <ErrorBoundary what="The dialog">
          <Suspense fallback={null}>
            <Dialogs />
          </Suspense>
        </ErrorBoundary>
      )}
      <DropOverlay />
      <TipHost />
    </div>
  );
}
