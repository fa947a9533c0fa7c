import { useStudio } from './studio';
import { DropOverlay } from './drop/DropOverlay';
import { usePaste } from './drop/use-paste';
import { Header } from './header/Header';
import { LessonsHost } from '../panels/lessons/LessonsHost';
import { LayerList } from '../panels/layers/LayerList';
import { ChartsPanel } from '../panels/summary/ChartsPanel';
import { Readout } from '../panels/summary/Readout';
import { Dialogs } from './Dialogs';
import { Middle } from './Middle';
import { Notices } from './Notices';
import { Problems } from './Problems';
import { PlaceBar } from './side/PlaceBar';
import { Side } from './side/Side';
import { useShortcuts } from './use-shortcuts';
import { TipHost } from '../parts/Tip';
import { Welcome } from './Welcome';
import { WorkOffer } from './WorkOffer';
import './app.css';

/** One screen: what came of it on top, the layers at the left, the chosen one in the middle, data, settings and the way out right. */
export function App() {
  useShortcuts();
  usePaste();
  const place = useStudio((state) => state.ui.place);
  return (
    <div className="app">
      <a className="skip-link" href="#view">
        Skip to the view
      </a>
      <Header />
      <main>
        <Readout />
        <Welcome />
        <WorkOffer />
        <Problems />
        <div className="columns" data-shown={place}>
          <div className="column" data-place="layers">
            <LayerList />
            <ChartsPanel />
          </div>
          <Middle />
          <Side />
        </div>
      </main>
      <PlaceBar />
      <LessonsHost />
      <Notices />
      <Dialogs />
      <DropOverlay />
      <TipHost />
    </div>
  );
}
