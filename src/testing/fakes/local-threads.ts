/** Threads of a pool without threads: what they are asked is cloned, answered here, and now and then they die. */
import { nodeHost } from '../../engine/tfjs/node-host';
import type { ThreadHost } from '../../jobs/pool/graph-pool';
import { GraphThread } from '../../jobs/pool/graph-thread';

/** @param deathAt the message, counted over all threads, that ends the thread which gets it */
export function localThreads(count: number, deathAt = Infinity): ThreadHost & { started: number } {
  let messages = 0;
  const host = {
    count,
    worthwhile: 0,
    started: 0,
    start: () => {
      host.started++;
      const thread = new GraphThread(nodeHost());
      let turn = Promise.resolve();
      let [isDead, died]: [boolean, (reason: string) => void] = [false, () => undefined];
      let replied: Parameters<ReturnType<ThreadHost['start']>['listen']>[0] = () => undefined;
      const end = () => {
        if (!isDead) died('it was killed');
        isDead = true;
        void turn.then(() => thread.dispose());
      };
      return {
        listen: (onReply: typeof replied, onDeath: typeof died) => void ([replied, died] = [onReply, onDeath]),
        post: (message: Parameters<ReturnType<ThreadHost['start']>['post']>[0]) => {
          if (++messages === deathAt) return end();
          const copy = structuredClone(message);
          turn = turn.then(async () => {
            const reply = await thread.reply(copy);
            if (!isDead) replied(structuredClone(reply));
          });
        },
        terminate: () => {
          isDead = true;
          void turn.then(() => thread.dispose());
        },
      };
    },
  };
  return host;
}
