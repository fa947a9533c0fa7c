/** A thread of Node that runs batches; see {@link file://./graph-threads.ts}. */
import { parentPort } from 'node:worker_threads';
import { nodeHost } from '../engine/tfjs/node-host';
import { GraphThread } from '../jobs/pool/graph-thread';
import type { ThreadMessage } from '../jobs/pool/thread-protocol';

const thread = new GraphThread(nodeHost());
const port = parentPort!;

/** Messages wait for each other. */
let turn = Promise.resolve();
port.on('message', (message: ThreadMessage) => {
  turn = turn.then(async () => port.postMessage(await thread.reply(message)));
});
