// The story of the world that is shown: what was sent, scripted and decided, and when, so that it can be told again.

import {get, query, session} from './api.js';
import {Expression, literal} from './pytest.js';
import {PAGE, readResources, readTransitions} from './reading.js';

const CANCELS = ['cancel', 'delete']; // causes of a transition that was asked for
const PARENTS = 8; // worlds that a fork of forks is followed back through

// Microseconds since the epoch, as exact as worlds are; and back.
export const micros = text => Date.parse(text) * 1000 + Number((/\.\d{3}(\d{1,3})/.exec(text)?.[1] ?? '').padEnd(3, '0'));
export const written = at => `${new Date(Math.floor(at / 1000)).toISOString().slice(0, -1)}${String(((at % 1000) + 1000) % 1000).padStart(3, '0')}Z`;

// Reads everything that the story is told from. `worlds` are the rows of the list of worlds.
export async function readStory(worlds, bases) {
  const {world} = await get('/state');
  const [resources, transitions, rows] = await Promise.all([readResources(), readTransitions(), readRows(worlds)]);
  const moments = [world.start.now, world.clock.now, ...transitions.map(({at}) => at), ...rows.map(({at}) => at)];
  const decided = await decisions(world, new Probes(moments.map(micros).filter(at => at <= micros(world.clock.now))));
  return tell({name: session.world, world, resources, transitions, rows, decided, bases, origin: location.origin});
}

// The journal, and for a fork those of the worlds that it comes from: its own begins with it.
async function readRows(worlds) {
  const found = [];
  let name = session.world;
  for (let step = 0; step < PARENTS && name; step += 1) {
    const {requests} = await get(`/requests${query({limit: PAGE, verdict: 'accepted'})}`, name).catch(() => ({requests: []}));
    found.unshift(...requests);
    name = worlds.find(({id}) => id === name)?.fork_of;
  }
  return found;
}

// States of the past, each read once: at every moment, and just before it.
class Probes {
  constructor(moments) {
    const sorted = [...new Set(moments)].sort((one, other) => one - other);
    this.points = sorted.flatMap((at, index) => (index ? [{at: at - 1, before: sorted[index - 1]}, {at}] : [{at}]));
    this.states = new Map();
  }

  state(index) {
    if (!this.states.has(index)) this.states.set(index, get(`/state${query({to: written(this.points[index].at)})}`).then(({world}) => world, () => null)); // before the history
    return this.states.get(index);
  }

  // The first point where something is so, which from then on it is: {at, after: whether other things of that instant come first}.
  async first(holds) {
    let [low, high] = [0, this.points.length - 1];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const state = await this.state(middle);
      if (state !== null && holds(state)) high = middle;
      else low = middle + 1;
    }
    const {at, before} = this.points[low];
    return {at: before ?? at, after: before !== undefined};
  }
}

// When each script and each rule's value came into force.
async function decisions(world, probes) {
  const found = [];
  for (const script of world.outcomes) {
    const when = await probes.first(({outcomes}) => outcomes.some(({id}) => id === script.id));
    found.push({...when, step: {kind: 'script', match: given(script.match), outcomes: script.outcomes.map(given), then: script.then}});
  }
  for (const [name, value] of Object.entries(world.rules)) {
    const when = await probes.first(({rules}) => rules[name] === value);
    found.push({...when, step: {kind: 'rules', values: {[name]: value}}});
  }
  return found;
}

const given = value => Object.fromEntries(Object.entries(value).filter(([, part]) => part !== null));

// Puts the story together. Pure.
export function tell({name, world, resources, transitions, rows, decided, bases, origin}) {
  const now = micros(world.clock.now);
  const sent = once(rows.filter(row => isOf(row, transitions, now))).map(row => ({at: micros(row.at), order: 1, step: sending(row, resources, bases, origin)}));
  const makers = new Set([...new Map([...rows].reverse().map(row => [row.resource, row])).values()]); // the first request about each record
  const asked = ({resource, at}) => rows.some(row => row.resource === resource && row.at === at && !makers.has(row));
  const cancelled = transitions.filter(transition => CANCELS.includes(transition.cause) && transition.kind === 'status' && !asked(transition)) // by the control plane
    .map(({at, resource}) => ({at: micros(at), order: 3, step: {kind: 'cancel', id: resource}}));
  const made = new Set(sent.map(({step}) => step.id));
  const orderOf = ({after, step}) => (after ? 4 : step.match?.resource ? 2 : 0); // a script for one record comes after it
  const chosen = decided.filter(({step}) => !step.match?.resource || made.has(step.match.resource)).map(one => ({at: one.at, order: orderOf(one), step: one.step}));
  const all = [...chosen, ...sent, ...cancelled.filter(({step}) => made.has(step.id))].sort((one, other) => one.at - other.at || one.order - other.order);
  return {world: name, start: world.start.now, seed: world.seed, profile: world.profile, steps: advanced(all, micros(world.start.now), now),
    ends: [...made].map(id => ({id, status: resources.find(resource => resource.id === id)?.status ?? null})), notes: notes(world, resources, made), told: made.size};
}

// Requests that changed this world: others were taken back by a rewind, made of the world that a fork comes from, or
// answered from what was there.
function isOf({method, resource, at}, transitions, now) {
  if (method === 'GET' || resource === null || micros(at) > now) return false;
  const own = transitions.filter(transition => transition.resource === resource);
  if (method === 'DELETE') return own.some(transition => transition.at === at && transition.from !== null);
  return method === 'POST' ? own.some(transition => transition.at === at) : own.length > 0;
}

// Of what makes a record, or ends it, and comes again at the same instant, the latest: after a rewind, or as a repeated request.
function once(rows) {
  const keyOf = ({method, path, resource, at}) => JSON.stringify([method, path, resource, at]);
  const latest = new Map(rows.map(row => [keyOf(row), row]));
  return rows.filter(row => !['POST', 'DELETE'].includes(row.method) || latest.get(keyOf(row)) === row);
}

function sending({provider, method, path, query: asked, request, response, resource}, resources, bases, origin) {
  const base = new URL(bases[provider] ?? '/', origin).pathname.replace(/\/$/, '');
  const kind = resources.find(({id}) => id === resource)?.kind ?? 'record';
  return {kind: 'send', provider, method, path: path.slice(path.startsWith(base) ? base.length : 0) + (asked ? `?${asked}` : ''), body: here(request, origin), id: resource, named: kind, place: placeOf(response, resource)};
}

// A sink of this server is one of the test's own.
function here(value, origin) {
  if (typeof value === 'string' && value.startsWith(`${origin}/_mock/sink/`)) {
    const name = value.slice(origin.length + 12);
    return /^[\w.-]+$/.test(name) ? new Expression(`contratempo.sink(${literal(name)}).url`) : value;
  }
  if (Array.isArray(value)) return value.map(item => here(item, origin));
  return value !== null && typeof value === 'object' ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, here(item, origin)])) : value;
}

// Where an answer has a record's id, as keys; null where it has not.
function placeOf(value, id) {
  if (value === id) return [];
  if (value === null || typeof value !== 'object') return null;
  for (const [key, item] of Object.entries(value)) {
    const found = placeOf(item, id);
    if (found) return [Array.isArray(value) ? Number(key) : key, ...found];
  }
  return null;
}

function advanced(all, start, now) {
  const steps = [];
  let at = start;
  for (const {at: due, step} of [...all, {at: now, step: null}]) {
    if (due > at) steps.push({kind: 'advance', to: short(due)});
    at = Math.max(at, due);
    if (step) steps.push(step);
  }
  return steps;
}

const short = at => written(at).replace(/\.?0+Z$/, 'Z');

function notes(world, resources, made) {
  const others = resources.filter(({id}) => !made.has(id)).length;
  const used = Object.values(world.records ?? {}).flat().map(({why}) => /^script (\S+) ->/.exec(why ?? '')?.[1]).filter(Boolean);
  const gone = used.some(id => !world.outcomes.some(script => script.id === id));
  return [gone && 'An outcome came of a script that is there no more, which is left out.', others && `${others} more records were not made by requests that the journal holds: they are left out.`, world.faults.length && 'The faults of the world are left out.'].filter(Boolean);
}
