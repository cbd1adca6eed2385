// What the page makes of time: ghosts of a plan, stops of the scrubber, differences of two worlds, and a story as a pytest.
import assert from 'node:assert/strict';
import test from 'node:test';

const site = new URL('../../../src/contratempo/server/site/', import.meta.url);
const load = name => import(new URL(name, site));
const {iso, upward} = await load('instants.js');
const {makeLane} = await load('lanes.js');
const {makeAxis} = await load('layout.js');
const {compare, summary} = await load('differing.js');
const {byResource} = await load('plan.js');
const {Expression, asPytest, literal} = await load('pytest.js');
const {foretold, snapped, stepped, stops, takenBack, until} = await load('scrubbing.js');
const {micros, tell, written} = await load('story.js');

const at = text => Date.parse(`2025-04-14T${text}Z`);
const moved = (when, kind, from, to, cause = to, resource = 'e', attempt = 1) => ({at: `2025-04-14T${when}Z`, kind, from, to, attempt, cause, resource, provider: 'p'});
const event = {id: 'e', provider: 'p', kind: 'scheduled_event', status: 'pending', due: '2025-04-14T10:00:00Z', record: {telnyx_end_user_target: '+1'}};
const CREATED = [moved('09:00:00', 'status', null, 'pending', 'create')];
const PLAN = [
  moved('10:00:00', 'status', 'pending', 'in_progress', 'dispatch'), moved('10:00:00', 'call', null, 'dialing', 'dispatch'),
  moved('10:01:00', 'call', 'dialing', 'completed'), moved('10:01:00', 'status', 'in_progress', 'completed'),
];
const FAILS = [...PLAN.slice(0, 2), moved('10:00:01', 'call', 'dialing', 'failed'), moved('10:00:01', 'status', 'in_progress', 'failed')];

test('what is planned is a ghost: the lane itself has not ended', () => {
  const lane = makeLane(event, CREATED, [], PLAN);
  assert.deepEqual([lane.end, lane.attempts.length, lane.ghosts.end, lane.ghosts.status], [null, 0, at('10:01:00'), 'completed']);
  assert.deepEqual(lane.marks.filter(mark => mark.planned && mark.type === 'outcome').map(mark => mark.name), ['completed']);
  assert.ok(makeLane(event, [...CREATED, ...PLAN], []).marks.every(mark => !mark.planned));
});

test('an attempt that is under way goes on as a ghost and stays open', () => {
  const lane = makeLane(event, [...CREATED, ...PLAN.slice(0, 2)], [], PLAN.slice(2));
  assert.deepEqual(lane.attempts.map(({open, to}) => [open, to]), [[true, null]]);
  assert.deepEqual(lane.ghosts.attempts.map(({from, to, outcome}) => [from, to, outcome]), [[at('10:00:00'), at('10:01:00'), 'completed']]);
});

const PLACES = stops({fired: CREATED, planned: PLAN, checkpoints: [{now: '2025-04-14T09:15:00Z'}], now: at('09:30:00'), first: at('09:00:00'), last: at('11:00:00')});

test('the scrubber stops at whatever happens, at checkpoints, at now and at both ends', () => {
  assert.deepEqual(PLACES, ['09:00:00', '09:15:00', '09:30:00', '10:00:00', '10:01:00', '11:00:00'].map(at));
  const key = (name, from) => stepped(name, at(from), PLACES);
  assert.deepEqual(['ArrowRight', 'ArrowLeft', 'PageUp', 'PageDown', 'Home', 'End'].map(name => key(name, '09:30:00')),
    ['10:00:00', '09:15:00', '10:30:00', '09:00:00', '09:00:00', '11:00:00'].map(at));
  const running = stops({fired: CREATED, planned: PLAN, checkpoints: [], now: null, first: at('09:00:00'), last: at('11:00:00')});
  assert.deepEqual(running, ['09:00:00', '10:00:00', '10:01:00', '11:00:00'].map(at));
  assert.deepEqual([key('ArrowRight', '11:00:00'), key('ArrowLeft', '09:00:00'), key('x', '09:30:00')], [at('11:00:00'), at('09:00:00'), undefined]);
});

test('a pointer near something is at it, else at a whole second within the ends', () => {
  const axis = makeAxis(PLACES, 900, at('09:30:00'));
  assert.equal(snapped(axis, axis.x(at('10:00:00')) - 1, PLACES), at('10:00:00'));
  const between = snapped(axis, (axis.x(at('10:01:00')) + axis.x(at('11:00:00'))) / 2, PLACES);
  assert.ok(between > at('10:01:00') && between < at('11:00:00') && between % 1000 === 0);
  assert.deepEqual([snapped(axis, -50, PLACES), snapped(axis, 5000, PLACES)], [at('09:00:00'), at('11:00:00')]);
});

test('microseconds are never cut off before what happened in them', () => {
  assert.equal(upward('2025-04-14T10:00:00.000001Z'), at('10:00:00') + 1);
  assert.equal(upward('2025-04-14T10:00:00.250000Z'), at('10:00:00.250'));
  assert.deepEqual([iso(at('10:00:00')), iso(at('10:00:00') + 0.5)], ['2025-04-14T10:00:00Z', '2025-04-14T10:00:00.001Z']);
  for (const text of ['2025-04-14T10:00:00.000001Z', '2025-04-14T10:00:00.120000Z', '1969-12-31T23:59:59.999999Z']) assert.equal(written(micros(text)), text);
});

test('what is to come and what is taken back are told in sentences', () => {
  assert.equal(foretold(until(PLAN, at('10:00:00'))), '2 transitions of 1 record will happen.');
  assert.equal(foretold([]), 'Nothing will happen until then.');
  assert.match(foretold(PLAN, false), /as far as the plan reaches/);
  assert.equal(takenBack({undone_count: 1, undone_commands: 2, unsent_impossible: 1}), '1 transition and 2 commands are taken back. 1 attempt at a webhook cannot be unsent.');
  assert.equal(takenBack({undone_count: 0, undone_commands: 0, unsent_impossible: 0}), 'Nothing is taken back.');
});

const worldOf = (name, planned, more = []) => {
  const lanes = new Map([event, ...more].map(resource => [resource.id, makeLane(resource, CREATED, [], resource.id === 'e' ? planned : [])]));
  return {name, lanes, told: byResource([...CREATED, ...planned])};
};

test('worlds that are the same differ in nothing, also where one has lived what the other has planned', () => {
  const lived = {...worldOf('b', []), told: byResource([...CREATED, ...PLAN.map(one => ({...one, state: 'fired'}))])};
  const rows = compare(worldOf('a', PLAN), lived);
  assert.deepEqual(rows.map(row => row.differs), [false]);
  assert.equal(summary(rows, 'a', 'b'), 'Nothing differs between a and b.');
});

test('a record that comes to something else is said so, and each transition of it that differs', () => {
  const rows = compare(worldOf('a', PLAN), worldOf('b', FAILS));
  assert.equal(summary(rows, 'a', 'b'), '1 resource differs: +1 comes to completed in a, failed in b.');
  assert.deepEqual([[...rows[0].odd.one], [...rows[0].odd.other]], [[at('10:01:00')], [at('10:00:01')]]);
  assert.equal(compare(worldOf('a', PLAN), worldOf('b', FAILS), at('10:00:00'))[0].differs, false); // as far as both are planned
});

test('a record that is in one world only comes first, and so does the same end at another instant', () => {
  const late = PLAN.map(one => ({...one, at: one.at.replace('T10:01', 'T10:02')}));
  const rows = compare(worldOf('a', PLAN), worldOf('b', late, [{...event, id: 'f', record: {telnyx_end_user_target: '+2'}}]));
  assert.equal(summary(rows, 'a', 'b'), '2 resources differ: +1 comes to completed in both, at 10:01:00 in a, 10:02:00 in b; +2 is only in b.');
  assert.deepEqual(rows.map(row => row.only), [null, 'other']);
});

test('literals are those of Python, whatever the text', () => {
  assert.equal(literal({a: [true, false, null, 1.5], 'b"': 'x\n\\'}), '{"a": [True, False, None, 1.5], "b\\"": "x\\n\\\\"}');
  assert.equal(literal({hook: new Expression('sink.url')}), '{"hook": sink.url}');
  assert.match(literal({long: 'x'.repeat(100)}), /^{\n {4}"long": "x+",\n}$/);
});

const ROW = {number: 1, at: '2025-04-14T09:00:00Z', provider: 'p', method: 'POST', path: '/v2/events', query: '', resource: 'e', request: {url: 'http://h/_mock/sink/page'}, response: {data: [{id: 'e'}]}};
const WORLD = {start: {now: '2025-04-14T09:00:00Z'}, clock: {now: '2025-04-14T11:00:00Z'}, seed: 's', profile: 'lenient', faults: []};
const given = more => ({name: 'w', world: WORLD, resources: [{...event, status: 'failed'}], transitions: [...CREATED, ...FAILS], rows: [ROW], decided: [], bases: {p: 'http://h/v2'}, origin: 'http://h', ...more});

test('a story has requests, scripts and advances in the order in which they came', () => {
  const script = {at: micros('2025-04-14T09:00:00Z'), after: false, step: {kind: 'script', match: {resource: 'e'}, outcomes: [{status: 'failed'}], then: 'repeat'}};
  const told = asPytest(tell(given({decided: [script]})));
  const lines = ['@pytest.mark.contratempo(clock="2025-04-14T09:00:00Z", seed="s", profile="lenient")',
    'scheduled_event_1 = send(contratempo, "p", "POST", "/events", {"url": contratempo.sink("page").url})["data"][0]["id"]',
    'contratempo.outcomes.script("failed", resource=scheduled_event_1)', 'contratempo.clock.advance("2025-04-14T11:00:00Z")',
    'assert contratempo.resources.get(scheduled_event_1).status == "failed"'];
  const places = lines.map(line => told.indexOf(line));
  assert.ok(places.every((place, index) => place > (places[index - 1] ?? -1)), told);
});

test('what a rewind took back is no part of the story, nor is what was only read or answered again', () => {
  const undone = {...ROW, number: 2, resource: 'u'};
  const later = {...ROW, number: 3, at: '2025-04-14T12:00:00Z'};
  const again = {...ROW, number: 4, at: '2025-04-14T09:30:00Z'};
  const read = {...ROW, number: 5, method: 'GET'};
  assert.equal(tell(given({rows: [ROW, undone, later, again, read]})).steps.filter(({kind}) => kind === 'send').length, 1);
});

test('a cancellation by the control plane is told, one by a request not twice', () => {
  const gone = moved('09:30:00', 'status', 'pending', null, 'delete');
  const cancels = rows => tell(given({transitions: [...CREATED, gone], resources: [], rows})).steps.map(({kind}) => kind);
  assert.deepEqual(cancels([ROW]), ['send', 'advance', 'cancel', 'advance']);
  assert.deepEqual(cancels([ROW, {...ROW, number: 2, method: 'DELETE', path: '/v2/events/e', at: gone.at}]), ['send', 'advance', 'send', 'advance']);
});

test('a cancellation that was taken back, or is of the world that a fork comes from, is no part of the story', () => {
  const cancel = {...ROW, number: 2, method: 'DELETE', path: '/v2/events/e'};
  const kinds = more => tell(given(more)).steps.map(({kind}) => kind);
  assert.deepEqual(kinds({rows: [ROW, cancel]}), ['send', 'advance']);
  const gone = moved('09:00:00', 'status', 'pending', null, 'delete');
  assert.deepEqual(kinds({transitions: [...CREATED, gone], resources: [], rows: [ROW, cancel, {...cancel, number: 3}]}), ['send', 'send', 'advance']);
});

test('a request that is repeated at once is told once, and with the same id after a reset as it was made then', () => {
  const again = {...ROW, number: 2, request: {text: 'another'}};
  const sent = tell(given({rows: [ROW, again]})).steps.filter(({kind}) => kind === 'send');
  assert.deepEqual(sent.map(({body}) => body), [{text: 'another'}]);
});

test('a script that is gone, and was used, is said to be left out', () => {
  const notes = outcomes => tell(given({world: {...WORLD, outcomes, records: {event: [{why: 'script out_1 -> busy'}, {why: null}]}}})).notes;
  assert.deepEqual([notes([]).length, notes([{id: 'out_1'}]).length], [1, 0]);
});

test('hostile texts stay within their literals and comments', () => {
  const evil = '"""\nimport os #{}\\';
  const row = {...ROW, path: `/v2/${evil}/e`, request: {[evil]: evil}, provider: evil};
  const told = asPytest({...tell(given({rows: [ROW, {...row, method: 'PUT', number: 2}], bases: {}})), world: evil});
  assert.ok(told.split('\n').every(line => !line.startsWith('import os')));
  assert.ok(told.includes('{{}}'), told); // braces of a path do not open the f-string
});
