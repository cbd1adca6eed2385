// What the page knows of the world it shows: read once, then kept up by the stream, or by polls while there is none.

import {at, control, controlHeaders, get, query, session} from './api.js';
import {millis} from './instants.js';
import {makeLane} from './lanes.js';
import {Plan} from './plan.js';
import {PAGE, readResources, readTransitions, readWebhooks} from './reading.js';
import {follow} from './stream.js';

const KEPT = 2000; // rows of a list
const POLL = 2000;

const keyOf = transition => [transition.at, transition.kind, transition.from, transition.to, transition.attempt, transition.cause].join('|');

// A reset, or a rewind: its head is a new one, its instant is not. With the same head one answer has overtaken another.
const wentBack = (clock, known) => clock.head < known.head || (clock.head > known.head && millis(clock.now) < millis(known.now));

export class Store extends EventTarget {
  constructor() {
    super();
    this.live = 'starting'; // then live or polling, or gone with its world
    this.names = {}; // of providers
    this.loads = 0;
    this.plan = new Plan((ids, first) => this.replanned(ids, first));
    this.clear();
  }

  clear() {
    this.clock = null;
    this.resources = new Map();
    this.transitions = new Map(); // by resource, oldest first
    this.recent = []; // transitions of all, oldest first
    this.requests = new Map(); // by number
    this.webhooks = new Map(); // by id
    this.hooksOf = new Map(); // webhooks by resource
    this.seen = new Map();
    this.lanes = new Map();
    this.stale = new Set(); // ids whose record is older than what happened to it
    this.loaded = false;
  }

  tell(...topics) {
    this.told ??= (requestAnimationFrame(() => {
      const detail = this.told;
      this.told = null;
      this.dispatchEvent(new CustomEvent('change', {detail}));
    }), new Set());
    topics.forEach(topic => this.told.add(topic));
  }

  start() {
    this.stream?.stop();
    clearInterval(this.timer);
    this.clear();
    this.plan.clear();
    const world = session.world;
    const mine = act => (...given) => (session.world === world ? act(...given) : undefined);
    const loading = this.load();
    this.stream = follow('/_mock/stream', controlHeaders, {
      onOpen: mine(async resumed => (this.state('live'), resumed || (await loading.catch(() => {}), this.catchUp()))),
      onEvent: mine((event, data) => this.take(event, data)),
      onDown: mine(() => this.live === 'gone' || this.state('polling')),
    });
    this.timer = setInterval(mine(() => this.live === 'live' || this.catchUp()), POLL);
    return loading;
  }

  state(live) {
    if (this.live !== live) this.tell('live');
    this.live = live;
  }

  // Of several that are under way the last one counts: what an earlier one read may be of before a rewind, or of another world.
  async load() {
    const turn = ++this.loads;
    const [clock, contracts, requests, webhooks] = await Promise.all([
      get('/clock'), get('/contracts'), get(`/requests${query({limit: PAGE})}`), readWebhooks()]);
    const resources = await readResources();
    const transitions = await readTransitions();
    if (turn !== this.loads) return;
    this.clear();
    this.names = Object.fromEntries(contracts.contracts.map(({provider, title, base_url}) => [provider, {title, base: base_url}]));
    resources.forEach(resource => this.resources.set(resource.id, resource));
    transitions.forEach(transition => this.addTransition(transition));
    this.stale.clear();
    this.addRequests(requests.requests);
    webhooks.forEach(webhook => this.addWebhook(webhook));
    this.loaded = true;
    this.setClock(clock);
    this.tell('clock', 'lanes', 'requests', 'webhooks', 'world');
  }

  // What happened since: cheap when nothing did.
  async catchUp() {
    try {
      const clock = await get('/clock');
      if (this.live === 'gone') this.state('polling');
      const known = this.clock;
      if (!this.loaded || !known || wentBack(clock, known) || millis(clock.now) < millis(known.now)) return await this.load();
      const since = Math.max(0, ...this.requests.keys());
      this.addRequests((await get(`/requests${query({since, limit: PAGE})}`)).requests);
      if (clock.head !== known.head || clock.now !== known.now) {
        const last = this.recent.at(-1);
        const {transitions} = await get(`/timeline${query({from: last?.at, limit: PAGE})}`);
        const goesOn = !last || transitions.some(transition => keyOf(transition) === keyOf(last));
        if (transitions.length >= PAGE || !goesOn) return await this.load(); // too much at once, or the world was reset
        transitions.forEach(transition => this.addTransition(transition));
        (await readWebhooks()).forEach(webhook => this.addWebhook(webhook));
      }
      this.setClock(clock);
    } catch (problem) {
      if (problem.status === 404) this.state('gone');
      this.tell('live');
    }
  }

  take(event, data) {
    if (event === 'transition') this.addTransition(data);
    else if (event === 'request') this.addRequests([data]);
    else if (event === 'delivery') this.addWebhook(data);
    else if (event === 'clock') this.setClock(data);
    else if (event === 'resync') this.load().catch(() => {});
  }

  setClock(clock) {
    const known = this.clock;
    if (this.loaded && known && wentBack(clock, known)) this.load().catch(() => {});
    if (!known || clock.head !== known.head || clock.now !== known.now) this.plan.want();
    this.clock = {...clock, read: performance.now()};
    this.tell('clock');
  }

  // Virtual now in milliseconds: carried on from the last reading while the clock runs.
  now() {
    if (!this.clock) return Date.now();
    const passed = this.clock.mode === 'running' ? (performance.now() - this.clock.read) * this.clock.rate : 0;
    return millis(this.clock.now) + passed;
  }

  addTransition(transition) {
    const id = transition.resource;
    const mine = this.transitions.get(id) ?? [];
    const seen = this.seen.get(id) ?? new Set();
    const key = keyOf(transition);
    if (seen.has(key)) return;
    this.seen.set(id, seen.add(key));
    this.transitions.set(id, [...mine, transition]);
    this.recent.push(transition);
    const known = this.resources.get(id);
    if (known && transition.kind === 'status') known.status = transition.to;
    this.stale.add(id);
    this.changed(id);
  }

  addRequests(rows) {
    for (const row of rows) this.requests.set(row.number, row);
    for (const number of this.requests.keys()) if (this.requests.size > KEPT) this.requests.delete(number);
    if (rows.length) this.tell('requests');
  }

  addWebhook(webhook) {
    this.webhooks.set(webhook.id, webhook);
    const mine = this.hooksOf.get(webhook.resource) ?? new Map();
    this.hooksOf.set(webhook.resource, mine.set(webhook.id, webhook));
    this.changed(webhook.resource);
    this.tell('webhooks');
  }

  changed(id) {
    this.lanes.delete(id);
    this.tell('lanes');
  }

  lane(id) {
    if (!this.lanes.has(id)) {
      const hooks = [...(this.hooksOf.get(id)?.values() ?? [])];
      this.lanes.set(id, makeLane(this.resources.get(id), this.transitions.get(id) ?? [], hooks, this.planned(id)));
    }
    return this.lanes.get(id);
  }

  // What is planned for a record, without what has happened since that was read.
  planned(id) {
    const seen = this.seen.get(id);
    return (this.plan.of.get(id) ?? []).filter(transition => !seen?.has(keyOf(transition)) && millis(transition.at) >= millis(this.clock?.now ?? transition.at));
  }

  replanned(ids, first) {
    ids.filter(id => this.resources.has(id)).forEach(id => this.changed(id));
    this.fresh = first ? [] : ids; // lanes that are shown to have another plan
    this.tell('lanes', 'plan');
  }

  allLanes() {
    return [...this.resources.keys()].map(id => this.lane(id));
  }

  // Reads again the records that something happened to: those that are new, and of the others the wanted ones.
  async refresh(wanted) {
    const fresh = [...this.stale].filter(id => !this.resources.has(id));
    const old = [...this.stale].filter(id => this.resources.has(id) && wanted.has(id));
    if (fresh.length > 40) return this.reread();
    [...fresh, ...old].forEach(id => this.stale.delete(id));
    await Promise.all([...fresh, ...old].map(id => this.readResource(id)));
  }

  async reread() {
    this.stale.clear();
    for (const resource of await readResources()) {
      this.resources.set(resource.id, resource);
      this.changed(resource.id);
    }
  }

  async readResource(id) {
    try {
      this.resources.set(id, await get(`/resources/${at(id)}`));
    } catch (problem) {
      if (problem.status !== 404) return;
      const known = this.resources.get(id) ?? this.vanished(id);
      this.resources.set(id, {...known, status: null, due: null});
    }
    this.changed(id);
  }

  vanished(id) {
    return {id, provider: this.transitions.get(id)?.[0]?.provider ?? '', kind: 'record', status: null, due: null, record: null};
  }

  // What an advance answered, ahead of the stream.
  took({now, head, fired = []}) {
    const before = this.recent.length;
    fired.forEach(transition => this.addTransition(transition));
    this.latest = this.recent.slice(before);
    this.setClock({...this.clock, now, head});
    control('GET', '/clock').then(clock => this.setClock(clock)).catch(() => {});
  }
}
