// Elements, made one by one: text is only ever text, and no attribute that runs or fetches anything comes from data.

const SVG = 'http://www.w3.org/2000/svg';
const REFUSED = /^(on|style$|src|srcdoc$|formaction$|xlink)/i;

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === 'on') Object.entries(value).forEach(([event, act]) => element.addEventListener(event, act));
    else if (name === 'value') element.value = value;
    else if (REFUSED.test(name) || (name === 'href' && !/^(\/_mock\/|#)/.test(value))) throw new Error(`no attribute ${name}`);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children.flat(Infinity).filter(child => child !== null && child !== undefined && child !== false));
  return element;
}

export const h = (tag, attributes = {}, ...children) => fill(document.createElement(tag), attributes, children);
export const s = (tag, attributes = {}, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);

const ICONS = {
  phone: 'M4.2 2.5h2l1 2.8-1.4 1.1a8 8 0 0 0 3.8 3.8l1.1-1.4 2.8 1v2c0 .8-.6 1.4-1.4 1.4A9.6 9.6 0 0 1 2.8 3.9c0-.8.6-1.4 1.4-1.4Z',
  message: 'M2.5 3.5h11v7.5H7l-3 2.4V11H2.5Z',
  thing: 'M8 2.5 13.5 8 8 13.5 2.5 8Z',
  step: 'M3.5 3.5 9.5 8l-6 4.5ZM12 3.5v9',
  run: 'M4.5 3 12.5 8l-8 5Z',
  freeze: 'M5.5 3.5v9M10.5 3.5v9',
  close: 'm4 4 8 8m0-8-8 8',
  copy: 'M5.5 5.5h7v7h-7ZM10.5 5.5v-2h-7v7h2',
  plus: 'M8 3v10M3 8h10',
  flag: 'M4 14V2.5h8L9.8 5.5 12 8.5H4',
  fork: 'M5 2.5v11M5 9.5c0-3 6-2 6-5.5M8.8 5.8 11 3.6l2.2 2.2',
  compare: 'M2.5 5h8.5M8.5 2.5 11 5 8.5 7.5M13.5 11H5M7.5 8.5 5 11l2.5 2.5',
  save: 'M8 2.5v7.5M4.8 7 8 10.2 11.2 7M2.5 13h11',
  load: 'M8 10.2V2.7M4.8 5.8 8 2.6l3.2 3.2M2.5 13h11',
  test: 'M6 2.5h4M6.8 2.5v4L3.6 12c-.5.9 0 1.5.9 1.5h7c.9 0 1.4-.6.9-1.5L9.2 6.500v-4M5.2 9.800h5.6',
  again: 'M12.6 9.5A5 5 0 1 1 12.2 5M12.8 2.5v3h-3',
};

export const icon = name =>
  s('svg', {class: `icon i-${name}`, viewBox: '0 0 16 16', 'aria-hidden': 'true'}, s('path', {d: ICONS[name]}));

export const button = (label, act, {glyph, ...attributes} = {}) =>
  h('button', {type: 'button', on: {click: act}, ...attributes}, glyph && icon(glyph), label);

// A chip of a tone, with a shape before the words: colour is never alone.
export const chip = (tone, label) => h('span', {class: `chip ${tone}`}, label);

// Replaces what is in an element; the focus and opened parts stay, by their data-key. Where it is scrolled to stays as well,
// as browsers do it: asking for it here would lay the page out once more.
export function redraw(element, ...children) {
  const focused = element.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  const open = [...element.querySelectorAll('details[data-key]')].map(part => [part.dataset.key, part.open]);
  element.replaceChildren(...children.flat(Infinity).filter(Boolean));
  for (const part of element.querySelectorAll('details[data-key]')) {
    const known = open.find(([key]) => key === part.dataset.key);
    if (known) part.open = known[1];
  }
  if (focused !== undefined) [...element.querySelectorAll('[data-key]')].find(part => part.dataset.key === focused)?.focus();
}

// Copies a text; where the clipboard is not given (plain http off loopback) by a selection.
export async function copy(text, said = 'Copied') {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = h('textarea', {class: 'off', value: text});
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
  say(said);
}

// Gives a text to whoever looks at the page, as a file.
export function download(name, text) {
  const address = URL.createObjectURL(new Blob([text], {type: 'application/json'}));
  const link = document.createElement('a');
  Object.assign(link, {href: address, download: name});
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

// Notes when something was done last, for whoever measures the page.
export function stamp(name) {
  performance.clearMarks(name);
  performance.mark(name);
}

// Says something for a while, in a corner; an error stays longer.
export function say(text, tone = 'plain') {
  const note = h('div', {class: `note ${tone}`}, text);
  document.querySelector('#said').append(note);
  setTimeout(() => note.remove(), tone === 'bad' ? 9000 : 3000);
}

// Asks in a dialog: resolves to what `fields` made of it, or null when it was closed.
export function ask(title, text, done, field = null, tone = 'primary') {
  return new Promise(resolve => {
    const finish = answer => (dialog.close(), dialog.remove(), resolve(answer));
    const submit = event => (event.preventDefault(), finish(field ? field.value : true));
    const buttons = [button('Cancel', () => finish(null)), h('button', {type: 'submit', class: tone}, done)];
    const form = h('form', {on: {submit}}, h('h2', {id: 'asked'}, title), h('p', {}, text), field, h('div', {class: 'row end'}, buttons));
    const dialog = h('dialog', {'aria-labelledby': 'asked', on: {cancel: () => finish(null)}}, form);
    document.body.append(dialog);
    dialog.showModal();
  });
}
