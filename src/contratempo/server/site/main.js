// The page: puts the parts together, and follows one world.

import {begin, session} from './api.js';
import {Activity} from './activity.js';
import {ClockBar} from './clock.js';
import {Compare} from './compare.js';
import {Detail} from './detail.js';
import {ask, button, h, redraw, say, stamp} from './dom.js';
import {Faults} from './faults.js';
import {Schedule} from './forms.js';
import {History} from './history.js';
import {readRequest, requestDetail, Requests} from './requests.js';
import {Scripts} from './scripts.js';
import {Sink, sunkDetail} from './sink.js';
import {Store} from './store.js';
import {Taking} from './taking.js';
import {Timeline} from './timeline.js';
import {Webhooks, webhookDetail} from './webhooks.js';

const VIEWS = ['Timeline', 'Requests', 'Webhooks', 'Outcomes', 'Faults', 'Sink'];
const hash = new URLSearchParams(location.hash.slice(1));
begin(hash);
session.world = hash.get('world') ?? 'default';
if (hash.has('token')) window.history.replaceState(null, '', location.pathname);
session.askToken = async refused => {
  session.asked ??= ask('Control token', `${refused ? 'The token was refused. ' : ''}Off loopback the server asks for the token that it printed at its start.`, 'Use it',
    h('input', {type: 'password', required: true, autocomplete: 'off', 'aria-label': 'Control token'})).finally(() => (session.asked = null));
  return session.asked;
};

const store = new Store();
const view = document.querySelector('#view');
const panel = document.querySelector('#panel');
const tabs = document.querySelector('#tabs');
let shown = VIEWS.find(name => name.toLowerCase() === hash.get('view')) ?? 'Timeline';
let panelPart = null; // {draw, topics}: what the panel shows, and on which changes it is drawn again

const open = (type, what) => OPENERS[type](what);
const bar = new ClockBar(store, {onWorld: change, onMoved: answer => activity.moved(answer, bar.before), onCompare: beside});
const history = new History(store, bar, {onFork: beside});
const compare = new Compare(store, {worlds: id => bar.world(id), enter: change, open: id => open('resource', id), done: () => go(shown)});
const taking = new Taking(store, bar);
const picker = h('select', {'aria-label': 'Compare with another world', 'data-key': 'compare', hidden: true, on: {change: () => picker.value && beside(picker.value)}});
const timeline = new Timeline(store, id => open('resource', id), history, picker);
const activity = new Activity(store, open);
const views = {
  Timeline: {
    get element() {
      return compare.other ? [compare.element] : [timeline.element, history.element, activity.element];
    },
    draw: () => (compare.other ? compare.draw() : (timeline.update(), activity.draw())),
  },
  Requests: new Requests(store, open),
  Webhooks: new Webhooks(store, open),
  Outcomes: new Scripts(store),
  Faults: new Faults(store),
  Sink: new Sink(store, open),
};

const OPENERS = {
  resource(id) {
    if (!store.resources.has(id)) return say('That record is not in this world any more.');
    timeline.selected === id || timeline.select(id, false);
    const detail = new Detail(store, id, open, bar);
    show(() => (store.resources.has(id) ? detail.draw() : null), ['lanes', 'webhooks', 'clock', 'panel']);
    return undefined;
  },
  async request(number) {
    const row = await readRequest(number).catch(() => null);
    if (row) show(() => requestDetail(row, open), []);
    else say('The journal no longer holds that request.');
  },
  webhook: id => show(() => (store.webhooks.has(id) ? webhookDetail(store.webhooks.get(id), store, open) : null), ['webhooks']),
  sunk: row => show(() => sunkDetail(row), []),
  schedule() {
    const form = new Schedule(store, async id => {
      await store.readResource(id);
      if (shown !== 'Timeline') go('Timeline');
      timeline.select(id);
      if (store.live !== 'live') store.catchUp();
    });
    show(() => form.element, []);
    panel.querySelector('input, textarea')?.focus();
  },
};

function show(draw, topics) {
  panelPart = {draw, topics};
  panel.scrollTop = 0;
  drawPanel();
}

function drawPanel() {
  const parts = panelPart?.draw();
  const was = panel.hidden;
  panel.hidden = !parts;
  document.body.classList.toggle('with-panel', !panel.hidden);
  if (parts) redraw(panel, button('', close, {glyph: 'close', class: 'icon-only close', 'aria-label': 'Close the details', 'data-key': 'close'}), parts);
  if (was !== panel.hidden && shown === 'Timeline') views.Timeline.draw();
}

function close() {
  panelPart = null;
  timeline.selected = null;
  drawPanel();
  views[shown].draw();
}

function go(name) {
  shown = name;
  drawTabs();
  view.replaceChildren(...[views[name].element].flat());
  if (store.loaded) drawView();
}

function drawTabs() {
  const counts = {Requests: store.requests.size, Webhooks: store.webhooks.size};
  const tab = name => button([name, counts[name] ? h('small', {}, counts[name]) : null], () => go(name), {'aria-current': name === shown ? 'page' : null, 'data-key': name});
  redraw(tabs, VIEWS.map(tab), h('span', {class: 'grow'}), taking.element, h('a', {href: '/_mock/docs', class: 'docs'}, 'API documents'), button('Schedule', () => open('schedule'), {class: 'primary', glyph: 'plus', 'data-key': 'schedule'}));
}

function drawView() {
  const empty = shown === 'Timeline' && !store.resources.size && !compare.other;
  if (empty) return view.replaceChildren(emptyState());
  if (shown === 'Timeline' && !views.Timeline.element[0].isConnected) view.replaceChildren(...views.Timeline.element);
  const done = views[shown].draw();
  stamp('drawn');
  return done;
}

// Three lines of curl that make the first event, move time, and look.
function emptyState() {
  const world = session.world === 'default' ? '' : ` -H 'x-mock-world: ${session.world}'`;
  const due = new Date(Math.ceil((store.now() + 36e5) / 1000) * 1000).toISOString().slice(0, 19);
  const lines = [
    `curl ${location.origin}/v2/messages/schedule -H 'authorization: Bearer key'${world} --json '{"from": "+12125550100", "to": "+12125550101", "text": "Hello", "send_at": "${due}Z", "webhook_url": "${location.origin}/_mock/sink/page"}'`,
    `curl ${location.origin}/_mock/clock/advance${world} --json '{"by": "2h"}'`,
    `curl ${location.origin}/_mock/timeline${world}`,
  ];
  return h('section', {class: 'nothing'}, h('h2', {}, 'Nothing is scheduled in this world yet'), h('p', {class: 'muted'}, 'Point an application here, press Schedule, or run these: schedule a message, let two hours pass, read what happened.'),
    h('pre', {class: 'json', tabindex: '0'}, lines.join('\n\n')), button('Schedule something', () => open('schedule'), {class: 'primary', glyph: 'plus'}));
}

const TOPICS = {Timeline: ['lanes', 'webhooks', 'clock', 'world', 'plan'], Requests: ['requests'], Webhooks: ['webhooks'], Outcomes: ['clock'], Faults: ['clock', 'world'], Sink: ['webhooks']};

store.addEventListener('change', async ({detail: topics}) => {
  const touches = wanted => wanted.some(topic => topics.has(topic));
  if (!store.loaded) return;
  bar.draw();
  if (topics.has('plan')) timeline.mark(store.fresh);
  if (topics.has('worlds')) drawPicker();
  if (touches(['requests', 'webhooks', 'world'])) drawTabs();
  if (touches(TOPICS[shown]) || topics.has('world')) drawView();
  if (panelPart && touches(panelPart.topics)) drawPanel();
  if (store.stale.size) await store.refresh(wanted()).catch(() => {});
});

const wanted = () => new Set([...(timeline.shown ?? []), ...(timeline.selected ? [timeline.selected] : [])]);
timeline.seen = () => store.stale.size && store.refresh(wanted()).catch(() => {});

// Two worlds beside each other: the one that is shown, and another.
function beside(other) {
  history.cancel();
  compare.with(other);
  go('Timeline');
}

// Shows another world; where it was the one beside, the two change places.
function change(world) {
  const before = session.world;
  const other = compare.other?.name;
  if (other === world) compare.with(before);
  else if (other) compare.close();
  return enter(world);
}

function drawPicker() {
  const others = bar.listed.filter(({id}) => id !== session.world);
  picker.hidden = !others.length;
  picker.replaceChildren(h('option', {value: ''}, 'Compare…'), ...others.map(({id}) => h('option', {value: id}, id)));
  picker.value = '';
}

async function enter(world) {
  session.world = world;
  history.cancel();
  bar.drawBanner();
  close();
  await store.start().then(() => bar.readWorlds()).catch(problem => (say(problem.message, 'bad'), view.replaceChildren(h('p', {class: 'empty'}, problem.message))));
}

document.querySelector('#bar').append(...bar.element.flat());
setInterval(() => store.clock?.mode === 'running' && shown === 'Timeline' && timeline.drawNow(), 250);
setInterval(() => store.loaded && (store.plan.marks(), bar.readWorlds().catch(() => {})), 10_000);
document.addEventListener('keydown', event => event.key === 'Escape' && panelPart && !document.querySelector('dialog') && close());
view.append(h('p', {class: 'empty'}, 'Reading the world…'));
drawTabs();
view.replaceChildren(...[views[shown].element].flat());
enter(session.world);
