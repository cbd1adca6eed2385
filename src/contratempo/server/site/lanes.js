// Lanes: what happened to one record, put together from its transitions and webhooks. Pure; instants in milliseconds.

import {millis} from './instants.js';
import {isOutcome} from './outcomes.js';
import {describe} from './resources.js';

// Returns {id, provider, kind, status, due, title, what, icon, text, created, end, attempts, dots, hooks, ghosts, marks}; what
// is planned is in `ghosts`, as attempts and an end that it will come to, and among the marks.
export function makeLane(resource, transitions, webhooks, planned = []) {
  const facts = describe(resource);
  const lane = {...facts, id: resource.id, provider: resource.provider, kind: resource.kind, status: resource.status};
  lane.due = resource.due ? millis(resource.due) : null;
  lane.created = facts.created ? millis(facts.created) : null;
  Object.assign(lane, {attempts: [], dots: [], hooks: webhooks.flatMap(hooksOf), end: null});
  for (const transition of transitions) take(lane, transition, millis(transition.at));
  const last = lane.attempts.at(-1);
  lane.ghosts = foresee(lane, planned);
  if (last && last.to === null) last.open = true;
  lane.marks = marksOf(lane);
  return lane;
}

function take(lane, transition, at) {
  const {from, to, kind} = transition;
  const open = lane.attempts.at(-1)?.to === null ? lane.attempts.at(-1) : null;
  if (kind === 'status' && from === null && transition.cause === 'create') {
    lane.created = at;
    lane.initial = to;
    if (isOutcome(to)) lane.end = at;
  } else if (to === null || isOutcome(to)) {
    close(lane, open, to ?? 'gone', at, transition);
  } else if (open) {
    lane.dots.push({at, label: to});
  } else if (to !== lane.initial || lane.initial === undefined) {
    lane.attempts.push({number: transition.attempt ?? lane.attempts.length + 1, from: at, to: null, outcome: null});
    lane.dots.push({at, label: to});
  }
}

// The record's own end comes with its last attempt's: it is one mark, unless they differ.
function close(lane, open, outcome, at, transition) {
  const last = lane.attempts.at(-1);
  const said = last && last.to === at;
  if (open) Object.assign(open, {to: at, outcome});
  else if (!said) lane.attempts.push({number: null, from: at, to: at, outcome});
  if (transition.kind === 'status') lane.end = at;
}

// Goes on from where the lane stands, beside it: what has happened stays as it is.
function foresee(lane, planned) {
  const shadow = {initial: lane.initial, attempts: lane.attempts.map(attempt => ({...attempt})), dots: [], end: null};
  for (const transition of planned) take(shadow, transition, millis(transition.at));
  const open = lane.attempts.at(-1)?.to === null;
  const status = planned.filter(({kind}) => kind === 'status').at(-1);
  return {attempts: shadow.attempts.slice(lane.attempts.length - open), dots: shadow.dots, end: shadow.end, last: planned.length ? millis(planned.at(-1).at) : null,
    status: status && status.to};
}

const hooksOf = webhook =>
  webhook.attempts.length
    ? webhook.attempts.map(attempt => ({at: millis(attempt.at), state: attempt.state, event: webhook.event, id: webhook.id}))
    : [{at: millis(webhook.at), state: webhook.status, event: webhook.event, id: webhook.id}];

// Everything that can be pointed at, in order: {at, type, name, label}.
function marksOf(lane) {
  const marks = [];
  if (lane.created !== null) marks.push({at: lane.created, type: 'created', name: 'created', label: 'created'});
  for (const {at, label} of lane.dots) marks.push({at, type: 'dot', name: 'dot', label});
  for (const {number, to, outcome, open} of lane.attempts) {
    if (!open) marks.push({at: to, type: 'outcome', name: outcome, label: outcome, attempt: number});
  }
  for (const {at, label} of lane.ghosts.dots) marks.push({at, type: 'dot', name: 'dot', label, planned: true});
  for (const {number, to, outcome} of lane.ghosts.attempts) {
    if (to !== null) marks.push({at: to, type: 'outcome', name: outcome, label: outcome, attempt: number, planned: true});
  }
  for (const {at, state, event, id} of lane.hooks) marks.push({at, type: 'hook', name: state, label: event, id});
  if (lane.due !== null) marks.push({at: lane.due, type: 'due', name: 'due', label: 'due'});
  return marks.sort((one, other) => one.at - other.at);
}

// Rows to draw: a group for each provider that has lanes, then its lanes in the order given.
export function group(lanes, providers) {
  const rows = [];
  const names = [...new Set([...providers, ...lanes.map(lane => lane.provider)])];
  for (const provider of names) {
    const mine = lanes.filter(lane => lane.provider === provider);
    if (mine.length) rows.push({group: provider, count: mine.length}, ...mine.map(lane => ({lane})));
  }
  return rows;
}

// Every instant of a lane that the axis must show.
export const instants = lane => lane.marks.map(mark => mark.at);
