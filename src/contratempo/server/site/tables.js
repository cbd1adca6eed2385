// Lists: a table whose rows can be chosen by pointer and keys, with a filter bar above it.

import {h, redraw} from './dom.js';

const SHOWN = 300;

function mark(row, selected) {
  row.classList.toggle('selected', selected);
  row.setAttribute('aria-selected', String(selected));
}

// `columns` are [title, class]; `rows` are {key, cells, selected, tone}, of which the first 300 are shown.
export function table(label, columns, rows, choose) {
  const head = h('tr', {}, columns.map(([title, kind]) => h('th', {class: kind, scope: 'col'}, title)));
  const one = row => {
    const act = event => {
      for (const other of event.currentTarget.parentElement.children) mark(other, other === event.currentTarget);
      choose(row);
    };
    const press = event => (event.key === 'Enter' || event.key === ' ') && event.target === event.currentTarget && (event.preventDefault(), act(event));
    const on = choose && {click: act, keydown: press};
    return h('tr', {'data-key': row.key, class: [row.tone, row.selected && 'selected'].filter(Boolean).join(' ') || null, tabindex: choose ? '0' : null,
      'aria-selected': choose ? String(Boolean(row.selected)) : null, on: on || {}}, row.cells.map((cell, index) => h('td', {class: columns[index][1]}, cell)));
  };
  const more = rows.length > SHOWN && h('p', {class: 'muted pad'}, `${rows.length - SHOWN} more: narrow the filter to see them.`);
  return [h('table', {'aria-label': label}, h('thead', {}, head), h('tbody', {}, rows.slice(0, SHOWN).map(one))), more];
}

// A view with a bar of filters that stay while its list is drawn again.
export class ListView {
  constructor(label, filters, ...actions) {
    this.label = label;
    this.values = {};
    this.list = h('div', {class: 'list'});
    this.count = h('span', {class: 'muted'});
    this.filters = filters.map(filter => this.field(filter));
    this.element = h('section', {class: 'listing', 'aria-label': label}, h('div', {class: 'tools'}, this.filters, this.count, h('span', {class: 'grow'}), actions), this.list);
  }

  field({name, label, options}) {
    const changed = event => ((this.values[name] = event.target.value), this.draw());
    if (!options) return h('input', {type: 'search', placeholder: label, 'aria-label': label, on: {input: changed}});
    return h('select', {'aria-label': label, on: {change: changed}}, h('option', {value: ''}, label), options.map(option => h('option', {value: option}, option)));
  }

  show(columns, rows, choose, empty) {
    this.count.textContent = rows.length === 1 ? '1 row' : `${rows.length} rows`;
    redraw(this.list, rows.length ? table(this.label, columns, rows, choose) : h('p', {class: 'empty'}, empty));
  }
}
