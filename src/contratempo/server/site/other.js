// Another world than the one that is shown, read to be held beside it, and again whenever it has changed.

import {get} from './api.js';
import {millis} from './instants.js';
import {makeLane} from './lanes.js';
import {byResource} from './plan.js';
import {readPlanned, readResources, readTransitions} from './reading.js';

const POLL = 1500;

export class OtherWorld {
  // `changed()` is called after each reading, `gone(why)` once it cannot be read any more.
  constructor(name, store, {changed, gone}) {
    Object.assign(this, {name, store, changed, gone, now: null, lanes: new Map(), told: new Map(), to: null, read: false, ended: false});
    this.follow();
  }

  stop() {
    this.ended = true;
    clearTimeout(this.timer);
  }

  async follow() {
    try {
      const clock = await get('/clock', this.name);
      const {horizon} = this.store.plan;
      const known = `${clock.head} ${clock.now} ${horizon}`;
      if (known !== this.known) await this.readAll(millis(clock.now), horizon);
      this.known = known;
    } catch (problem) {
      if (this.ended) return;
      if (problem.status) return void (this.stop(), this.gone(problem.message));
    }
    if (!this.ended) this.timer = setTimeout(() => this.follow(), POLL);
  }

  async readAll(now, horizon) {
    const [resources, fired, plan] = await Promise.all([readResources(this.name), readTransitions(this.name), horizon ? readPlanned(horizon, this.name) : {to: null, transitions: []}]);
    if (this.ended) return;
    const happened = byResource(fired);
    const planned = byResource(plan.transitions);
    this.lanes = new Map(resources.map(resource => [resource.id, makeLane(resource, happened.get(resource.id) ?? [], [], planned.get(resource.id) ?? [])]));
    this.told = byResource([...fired, ...plan.transitions]);
    Object.assign(this, {now, to: plan.to === null ? null : millis(plan.to), read: true});
    this.changed();
  }
}

// The world that is shown, in the same form.
export function present(store, name) {
  const ids = [...store.resources.keys()];
  const lanes = new Map(ids.map(id => [id, makeLane(store.resources.get(id), store.transitions.get(id) ?? [], [], store.planned(id))]));
  const told = new Map(ids.map(id => [id, [...(store.transitions.get(id) ?? []), ...store.planned(id)]]));
  return {name, now: store.now(), lanes, told, to: store.plan.to};
}
