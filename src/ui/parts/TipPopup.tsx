import { Tooltip } from '@base-ui/react/tooltip';
import { showTip, type ShownTip } from './shown-tip';

/** The one popup of all explanations: placed where there is room, closed by Escape or a press elsewhere. */
export default function TipPopup({ tip }: { readonly tip: ShownTip }) {
  return (
    <Tooltip.Root open onOpenChange={(open) => !open && showTip(null)}>
      <Tooltip.Portal>
        <Tooltip.Positioner className="tip-place" anchor={tip.anchor} sideOffset={6} collisionPadding={8}>
          <Tooltip.Popup className="tip" role="tooltip">
            {tip.title !== undefined && <b>{tip.title}</b>}
            <p>{tip.text}</p>
          </Tooltip.Popup>
        </Tooltip.Positioner>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}
