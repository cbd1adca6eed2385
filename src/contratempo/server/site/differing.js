// How two worlds differ: record by record, from what happened and what is planned. Pure.

import {isOutcome} from './outcomes.js';
import {millis, time, date} from './instants.js';
import {words} from './resources.js';

const NAMED = 3; // records that a sentence names

// A world as it is compared: {name, lanes: Map of id to lane, told: Map of id to transitions, fired and planned}.
// Returns rows {id, one, other, only, odd: {one, other}, differs, says}, those that differ first. What is planned counts up
// to `until`, as far as both plans reach.
export function compare(one, other, until = Infinity) {
  const ids = [...new Set([...one.lanes.keys(), ...other.lanes.keys()])];
  const rows = ids.map(id => rowOf(id, one, other, until));
  return [...rows.filter(row => row.differs), ...rows.filter(row => !row.differs)];
}

function rowOf(id, one, other, until) {
  const lanes = {one: one.lanes.get(id) ?? null, other: other.lanes.get(id) ?? null};
  const only = lanes.one === null ? 'other' : lanes.other === null ? 'one' : null;
  if (only) return {id, ...lanes, only, odd: {one: new Set(), other: new Set()}, differs: true, says: `is only in ${only === 'one' ? one.name : other.name}`};
  const told = [one, other].map(world => (world.told.get(id) ?? []).filter(({at}) => millis(at) <= until));
  const odd = {one: without(told[0], told[1]), other: without(told[1], told[0])};
  const another = lanes.one.title !== lanes.other.title || lanes.one.what !== lanes.other.what;
  const differs = odd.one.length > 0 || odd.other.length > 0 || another;
  const instants = found => new Set(found.map(({at}) => millis(at)));
  return {id, ...lanes, only, odd: {one: instants(odd.one), other: instants(odd.other)}, differs,
    says: differs ? (another ? 'is another record in each' : difference(endOf(told[0], lanes.one), endOf(told[1], lanes.other), one.name, other.name)) : ''};
}

const keyOf = ({at, kind, from, to, attempt}) => [at, kind, from, to, attempt].join('|');

// Those of a list that another one has not, each as often as it lacks them.
function without(list, others) {
  const left = new Map();
  for (const transition of others) left.set(keyOf(transition), (left.get(keyOf(transition)) ?? 0) + 1);
  return list.filter(transition => {
    const known = left.get(keyOf(transition)) ?? 0;
    if (known) left.set(keyOf(transition), known - 1);
    return !known;
  });
}

// What a record comes to in the end, as far as is known.
function endOf(told, lane) {
  const last = told.filter(({kind}) => kind === 'status').at(-1);
  const attempt = told.filter(({kind, to}) => kind === 'call' && isOutcome(to)).at(-1);
  return {status: last ? last.to : lane.status, outcome: attempt?.to, at: last ? millis(last.at) : null};
}

function difference(one, other, name, otherName) {
  if (one.status !== other.status) return `comes to ${words(one.status)} in ${name}, ${words(other.status)} in ${otherName}`;
  if (one.outcome !== other.outcome) return `comes to ${words(one.outcome ?? 'nothing yet')} in ${name}, ${words(other.outcome ?? 'nothing yet')} in ${otherName}`;
  if (one.at !== other.at) return `comes to ${words(one.status)} in both, at ${instant(one.at, other.at)} in ${name}, ${instant(other.at, one.at)} in ${otherName}`;
  return `comes to ${words(one.status)} in both, by another path`;
}

const instant = (at, beside) => (at === null ? 'no instant' : beside !== null && date(at) === date(beside) ? time(at) : `${date(at)} ${time(at)}`);

// The differences in a sentence: "2 resources differ: ...".
export function summary(rows, one, other, until = Infinity) {
  const differing = rows.filter(row => row.differs);
  const reach = Number.isFinite(until) ? ` up to ${date(until)} ${time(until)} UTC, as far as both are planned` : '';
  if (!differing.length) return `Nothing differs between ${one} and ${other}${reach}.`;
  const named = differing.slice(0, NAMED).map(row => `${(row.one ?? row.other).title} ${row.says}`);
  const more = differing.length > NAMED ? `; and ${differing.length - NAMED} more` : '';
  return `${differing.length === 1 ? '1 resource differs' : `${differing.length} resources differ`}: ${named.join('; ')}${more}.`;
}
