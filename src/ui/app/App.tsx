import { wantsData } from '../../state/autopilot/next-step';
import { isTunable } from '../../state/slices/model';
import { DataPanel } from '../panels/data/DataPanel';
import { DropOverlay } from './drop/DropOverlay';
import { usePaste } from './drop/use-paste';
import { ExportPanel } from '../panels/export/ExportPanel';
import { Header } from './header/Header';
import { LayerList } from '../panels/layers/LayerList';
import { RulesPanel } from '../panels/rules/RulesPanel';
import { ModelSettings } from '../panels/settings/ModelSettings';
import { ChartsPanel } from '../panels/summary/ChartsPanel';
import { Readout } from '../panels/summary/Readout';
import { useStudio } from './studio';
import { Dialogs } from './Dialogs';
import { Middle } from './Middle';
import { Notices } from './Notices';
import { Problems } from './Problems';
import { useShortcuts } from './use-shortcuts';
import { TipHost } from '../parts/Tip';
import './app.css';

/** One screen: what came of it on top, the layers at the left, the chosen one in the middle, settings, data and the way out right. */
export function App() {
  useShortcuts();
  usePaste();
  // What everything waits for comes first.
  const wanted = useStudio(wantsData);
  const tunable = useStudio(({ model }) => isTunable(model));
  const panels = {
    settings: <ModelSettings key="settings" />,
    rules: <RulesPanel key="rules" />,
    data: <DataPanel key="data" />,
  };
  return (
    <div className="app">
      <Header />
      <main>
        <Readout />
        <Problems />
        <div className="columns">
          <div className="column">
            <LayerList />
            <ChartsPanel />
          </div>
          <Middle />
          <div className="column">
            {/* Where nothing in it can be changed, it can still be scrolled with the keyboard. */}
            <div className="column scroll" tabIndex={tunable ? -1 : 0}>
              {wanted ? [panels.data, panels.settings, panels.rules] : [panels.settings, panels.rules, panels.data]}
            </div>
            <ExportPanel />
          </div>
        </div>
      </main>
      <Notices />
      <Dialogs />
      <DropOverlay />
      <TipHost />
    </div>
  );
}
