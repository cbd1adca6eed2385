// Outcomes: the picker that scripts what attempts meet, the scripts in force, and the numbers that decide by themselves.

import {at, get, post, remove} from './api.js';
import {button, h, redraw, say} from './dom.js';
import {outcomeSign} from './marks.js';
import {OUTCOMES, choices} from './outcomes.js';
import {brief} from './resources.js';
import {section} from './sections.js';
import {table} from './tables.js';

const name = status => OUTCOMES[status]?.label ?? status;

// A picker for one lane, or with null for everything; `done` is called when a script is in force.
export function picker(lane, done) {
  const picked = [];
  const scopes = lane ? [['this one', {resource: lane.id}], ...(lane.target ? [[lane.target, {to: lane.target}]] : []), ['everything', {}]] : [['everything', {}]];
  let scope = 0;
  let then = 'repeat';
  const element = h('div', {class: 'picker'});
  const set = act => () => (act(), draw());
  const draw = () => redraw(element,
    h('div', {class: 'outcomes', role: 'group', 'aria-label': 'Add an outcome'}, choices(lane?.icon).map(status =>
      button([outcomeSign(status), name(status)], set(() => picked.push(status)), {'data-key': `add-${status}`, 'aria-label': `Add ${name(status)}`}))),
    h('ol', {class: 'picked', 'aria-label': 'Scripted'}, picked.length ? picked.map((status, index) => h('li', {}, outcomeSign(status), name(status),
      button('', set(() => picked.splice(index, 1)), {glyph: 'close', class: 'icon-only', 'aria-label': `Remove ${name(status)}`, 'data-key': `drop-${index}`}))) : h('span', {class: 'muted'}, 'One is used up by each attempt, in order.')),
    h('div', {class: 'row'}, select('For', scopes.map(([label]) => label), scope, value => (scope = value)),
      select('Then', ['repeat the last', 'as by default'], then === 'repeat' ? 0 : 1, value => (then = value ? 'default' : 'repeat')), h('span', {class: 'grow'}),
      button('Script', () => send(), {class: 'primary', disabled: !picked.length, 'data-key': 'script'})));
  const send = async () => {
    try {
      await post('/outcomes', {match: scopes[scope][1], outcomes: picked, then});
      say(`Scripted: ${picked.map(name).join(', ')}`);
      picked.length = 0;
      draw();
      done?.();
    } catch (problem) {
      say(problem.message, 'bad');
    }
  };
  draw();
  return element;
}

function select(label, options, chosen, change) {
  const field = h('select', {on: {change: () => change(Number(field.value))}}, options.map((option, index) => h('option', {value: index}, option)));
  field.value = String(chosen);
  return h('label', {class: 'inline'}, label, field);
}

const SCRIPTS = [['For', ''], ['Outcomes', 'wide'], ['Then', ''], ['', 'acts']];
const MAGIC = [['Number', 'mono'], ['Outcomes', 'wide'], ['', 'wide']];

export class Scripts {
  constructor() {
    this.scripts = h('div', {class: 'list'});
    this.magic = h('div', {class: 'list'});
    this.element = h('section', {class: 'listing pages', 'aria-label': 'Outcomes'},
      section('Script what attempts meet', picker(null, () => this.load())), section('Scripts in force', this.scripts), section('Numbers that decide where no script does', this.magic));
  }

  draw() {
    this.load();
  }

  async load() {
    const {scripts, magic} = await get('/outcomes').catch(problem => (say(problem.message, 'bad'), {scripts: [], magic: []}));
    redraw(this.scripts, scripts.length ? table('Scripts', SCRIPTS, scripts.map(script => this.row(script)), null) : h('p', {class: 'empty'}, 'No script: magic numbers decide, else everything succeeds.'));
    redraw(this.magic, table('Magic numbers', MAGIC, magic.map(({target, outcomes, summary}) => ({key: target, cells: [target, outcomes.map(sayOne), h('span', {class: 'muted'}, summary)]})), null));
  }

  row({id, match, outcomes, then, used}) {
    const who = Object.entries(match).map(([key, value]) => `${key} ${key === 'resource' ? brief(value) : value}`).join(', ') || 'everything';
    const drop = async () => (await remove(`/outcomes/${at(id)}`).catch(problem => say(problem.message, 'bad')), this.load());
    return {key: id, cells: [who, outcomes.map(({status}, index) => h('span', {class: index < used ? 'spent' : null}, sayOne(status))), then, button('Remove', drop, {class: 'quiet', 'data-key': `drop-${id}`})]};
  }
}

const sayOne = status => h('span', {class: 'with-sign'}, outcomeSign(status), name(status));
