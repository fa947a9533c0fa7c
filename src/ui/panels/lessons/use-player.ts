import { LessonPlayer } from '../../../state/lessons/player';
import type { StudioController } from '../../../state/controller';
import { useController, useStudioStore } from '../../app/studio';

const players = new WeakMap<StudioController, LessonPlayer>();

/** The one player of this page. It is loaded with the first lesson, not with the page. */
export function usePlayer(): LessonPlayer {
  const [controller, store] = [useController(), useStudioStore()];
  let player = players.get(controller);
  if (!player) players.set(controller, (player = new LessonPlayer(store, controller, controller.options)));
  return player;
}
