// The plan: what will happen if nobody does anything more, and the checkpoints; read again whenever the world changes.

import {get, session} from './api.js';
import {millis} from './instants.js';
import {readPlanned} from './reading.js';

export const HORIZONS = {'24h': 'next 24 hours', '7d': 'next 7 days', '30d': 'next 30 days', '': 'nothing'};
const PAUSE = 200; // between two readings: many changes make one

// Transitions of each record, in the order given.
export function byResource(transitions) {
  const found = new Map();
  for (const transition of transitions) found.get(transition.resource)?.push(transition) ?? found.set(transition.resource, [transition]);
  return found;
}

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

export class Plan {
  constructor(tell) {
    this.tell = tell; // called with the ids of the records whose plan is another one than before
    this.horizon = '7d';
    this.clear();
  }

  clear() {
    this.to = null; // up to where the plan is complete
    this.all = []; // transitions, in order
    this.of = new Map(); // transitions by resource
    this.checkpoints = [];
    this.problem = null;
    this.read = false;
  }

  // Reads soon, and once for all who ask meanwhile.
  async want() {
    this.wanted = true;
    if (this.reading) return;
    this.reading = true;
    while (this.wanted) {
      this.wanted = false;
      await this.once();
      await new Promise(done => setTimeout(done, PAUSE));
    }
    this.reading = false;
  }

  // Checkpoints alone: nobody tells of one that another has made.
  async marks() {
    const {world} = session;
    const {checkpoints} = await get('/checkpoints').catch(() => this);
    if (session.world !== world || same(checkpoints, this.checkpoints)) return;
    this.checkpoints = checkpoints;
    this.tell([], false);
  }

  async once() {
    const {world} = session;
    const {horizon} = this;
    let found = {to: null, transitions: []};
    let problem = null;
    let checkpoints = [];
    try {
      [found, {checkpoints}] = await Promise.all([horizon ? readPlanned(horizon) : found, get('/checkpoints')]);
    } catch (refused) {
      problem = refused.message; // or the world is gone, of which the stream tells
    }
    if (session.world !== world || this.horizon !== horizon) return;
    this.take(found, checkpoints, problem);
  }

  take({to, transitions}, checkpoints, problem) {
    const before = this.of;
    this.to = to === null ? null : millis(to);
    Object.assign(this, {all: transitions, of: byResource(transitions), checkpoints, problem});
    const changed = [...new Set([...before.keys(), ...this.of.keys()])].filter(id => !same(before.get(id), this.of.get(id)));
    const first = !this.read;
    this.read = true;
    this.tell(changed, first);
  }
}
