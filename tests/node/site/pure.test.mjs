// The page's pure modules: instants, the axis, lanes, the stream's parser and curl commands.
import assert from 'node:assert/strict';
import test from 'node:test';

const site = new URL('../../../src/contratempo/server/site/', import.meta.url);
const load = name => import(new URL(name, site));
const {curl, quote} = await load('curl.js');
const {exact, relative, rfc3339, roughly, span} = await load('instants.js');
const {makeAxis} = await load('layout.js');
const {group, makeLane} = await load('lanes.js');
const {parseEvents} = await load('stream.js');

const at = text => Date.parse(`2025-04-14T${text}Z`);

test('spans have their two largest units', () => {
  assert.deepEqual([250, 3000, 68_000, 10_497_000, 34 * 864e5].map(span), ['250ms', '3s', '1m 8s', '2h 54m', '34d']);
  assert.equal(roughly(10_497_000), '2h 55m');
  assert.equal(roughly(3_599_900), '1h');
});

test('instants are in UTC, with a fraction only where there is one', () => {
  assert.equal(exact(at('09:00:00')), '2025-04-14 09:00:00');
  assert.equal(exact(at('09:00:00.25')), '2025-04-14 09:00:00.250');
  assert.equal(rfc3339(at('09:00:00.25')), '2025-04-14T09:00:00Z');
  assert.deepEqual([relative(5000, 0), relative(0, 5000), relative(0, 0)], ['in 5s', '5s ago', 'now']);
});

test('an axis goes forwards, and back from pixels to instants', () => {
  const instants = ['09:00:00', '09:10:00', '09:10:02', '15:00:00', '15:00:31', '23:00:00'].map(at);
  const axis = makeAxis(instants, 900, at('12:00:00'));
  const places = instants.map(axis.x);
  assert.deepEqual(places, [...places].sort((one, other) => one - other));
  assert.ok(places[0] >= 0 && places.at(-1) <= 900);
  for (const instant of instants) assert.ok(Math.abs(axis.at(axis.x(instant)) - instant) < 1);
});

test('idle gaps are broken, not drawn to scale, and now keeps its place among them', () => {
  const axis = makeAxis([at('09:00:00'), at('09:05:00'), at('19:00:00'), at('19:05:00')], 900, at('14:00:00'));
  const gaps = axis.pieces.filter(piece => piece.gap);
  assert.equal(gaps.length, 1);
  assert.ok(gaps[0].x1 - gaps[0].x0 < 80);
  assert.ok(axis.x(at('14:00:00')) > gaps[0].x0 && axis.x(at('14:00:00')) < gaps[0].x1);
});

test('a short burst has no break', () => {
  assert.equal(makeAxis([at('09:00:00'), at('09:00:05'), at('09:00:50')], 900, at('09:00:50')).pieces.length, 1);
});

test('every instant has a place, however many runs there are', () => {
  const instants = Array.from({length: 500}, (_, day) => day * 864e5);
  const axis = makeAxis(instants, 700, 0);
  assert.ok(axis.pieces.filter(piece => piece.gap).length < 10);
  assert.ok(axis.pieces.every(({x0, x1}) => x0 <= x1 && x0 >= 0 && x1 <= 700));
});

test('an axis of nothing stands at now', () => {
  const axis = makeAxis([], 500, at('09:00:00'));
  assert.ok(axis.x(at('09:00:00')) > 0 && axis.x(at('09:00:00')) < 500);
});

const event = {id: 'e', provider: 'p', kind: 'scheduled_event', status: 'completed', due: null, record: {telnyx_end_user_target: '+1', created_at: '2025-04-14T09:00:00Z'}};
const moved = (when, kind, from, to, attempt, cause = to) => ({at: `2025-04-14T${when}Z`, kind, from, to, attempt, cause, resource: 'e', provider: 'p'});
const CALL = [
  moved('09:00:00', 'status', null, 'pending', undefined, 'create'),
  moved('10:00:00', 'status', 'pending', 'in_progress', 1, 'dispatch'), moved('10:00:00', 'call', null, 'dialing', 1),
  moved('10:00:02', 'call', 'dialing', 'busy', 1), moved('10:00:02', 'status', 'in_progress', 'pending', 1, 'retry'),
  moved('10:10:00', 'status', 'pending', 'in_progress', 2, 'dispatch'), moved('10:10:00', 'call', 'busy', 'dialing', 2),
  moved('10:11:00', 'call', 'dialing', 'completed', 2), moved('10:11:00', 'status', 'in_progress', 'completed', 2),
];

test('a lane has one mark for each attempt, and ends with the last', () => {
  const lane = makeLane(event, CALL, []);
  assert.deepEqual(lane.attempts.map(({number, outcome}) => [number, outcome]), [[1, 'busy'], [2, 'completed']]);
  assert.deepEqual([lane.created, lane.end], [at('09:00:00'), at('10:11:00')]);
  assert.deepEqual(lane.marks.filter(mark => mark.type !== 'dot').map(mark => mark.name), ['created', 'busy', 'completed']);
});

test('an attempt that is under way is open', () => {
  const lane = makeLane({...event, status: 'in_progress', due: '2025-04-14T10:00:09Z'}, CALL.slice(0, 3), []);
  assert.deepEqual(lane.attempts.map(({open, to}) => [open, to]), [[true, null]]);
  assert.equal(lane.end, null);
});

test('a message has one attempt from when it leaves to what it comes to', () => {
  const taken = [['11:00:00', null, 'scheduled', 'create'], ['12:00:00', 'scheduled', 'queued', 'due'], ['12:00:02', 'queued', 'sent', 'hand_off'], ['12:00:04', 'sent', 'delivered', 'delivered']];
  const lane = makeLane(event, taken.map(([when, from, to, cause]) => moved(when, 'status', from, to, undefined, cause)), []);
  assert.deepEqual(lane.attempts.map(({from, to, outcome}) => [from, to, outcome]), [[at('12:00:00'), at('12:00:04'), 'delivered']]);
});

test('what is cancelled before its time has one mark and no attempt of a number', () => {
  const lane = makeLane(event, [CALL[0], moved('09:30:00', 'status', 'pending', null, undefined, 'delete')], []);
  assert.deepEqual(lane.attempts.map(({number, outcome}) => [number, outcome]), [[null, 'gone']]);
});

test('webhooks are marks, one for each attempt', () => {
  const attempts = [{at: '2025-04-14T12:00:02Z', state: 'failed'}, {at: '2025-04-14T12:00:03Z', state: 'delivered'}];
  const lane = makeLane(event, [], [{id: 'w', event: 'message.sent', at: attempts[0].at, status: 'delivered', attempts}]);
  assert.deepEqual(lane.marks.filter(mark => mark.type === 'hook').map(mark => mark.name), ['failed', 'delivered']);
});

test('records of an unknown kind are lanes too, and odd ones break nothing', () => {
  const odd = {id: '__proto__', provider: 'x', kind: 'constructor', status: 'hasOwnProperty', due: null, record: null};
  assert.equal(makeLane(odd, [], []).title, '__proto__');
  assert.equal(makeLane({...event, record: {telnyx_end_user_target: {deep: 1}}}, [], []).title, '[object Object]');
});

test('lanes are grouped by provider, in the order of the documents', () => {
  const lanes = ['b', 'a', 'b'].map((provider, index) => ({provider, id: String(index)}));
  assert.deepEqual(group(lanes, ['a', 'b']).map(row => row.group ?? row.lane.id), ['a', '1', 'b', '0', '2']);
});

test('events come out whole, whatever pieces they arrive in', () => {
  const text = 'id: 1\r\nevent: clock\r\ndata: {"a":\r\ndata: 1}\r\n\r\n: ping\r\n\r\nid: 2\r\nevent: request\r\ndata: {}\r\n\r\nid: 3';
  const whole = parseEvents(text);
  assert.deepEqual(whole.events, [{event: 'clock', id: '1', data: '{"a":\n1}'}, {event: 'request', id: '2', data: '{}'}]);
  assert.equal(whole.rest, 'id: 3');
  for (let cut = 0; cut <= text.length; cut += 1) {
    const first = parseEvents(text.slice(0, cut));
    assert.deepEqual([...first.events, ...parseEvents(first.rest + text.slice(cut)).events], whole.events, `cut at ${cut}`);
  }
});

test('a curl command survives the shell', () => {
  assert.equal(quote("it's"), "'it'\\''s'");
  assert.equal(quote('$(id)`id`'), "'$(id)`id`'");
  assert.equal(curl('GET', 'http://h/a'), 'curl http://h/a');
  assert.equal(curl('POST', 'http://h/a?b=1', [['x-a', 'b c']], {a: "'"}), `curl 'http://h/a?b=1' -H 'x-a: b c' -H 'content-type: application/json' -d '{"a":"'\\''"}'`);
});
