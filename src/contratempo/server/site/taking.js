// Taking a world along: as a pytest that tells its story again, as a file, and back from one.

import {control, get, session} from './api.js';
import {ask, button, copy, download, h, say} from './dom.js';
import {asPytest} from './pytest.js';
import {readStory} from './story.js';

export class Taking {
  constructor(store, bar) {
    Object.assign(this, {store, bar});
    this.file = h('input', {type: 'file', accept: '.json,application/json', hidden: true, 'aria-label': 'File of a world', on: {change: () => this.load()}});
    this.element = h('div', {class: 'taking', role: 'group', 'aria-label': 'Take this world along'},
      button('pytest', () => this.pytest(), {class: 'quiet', glyph: 'copy', 'data-key': 'pytest', title: 'Copy as pytest: what was sent, scripted and decided in this world, with what came of it'}),
      button('Save', () => this.save(), {class: 'quiet', glyph: 'save', 'data-key': 'save', title: 'Save this world as a file'}),
      button('Load', () => this.file.click(), {class: 'quiet', glyph: 'load', 'data-key': 'load', title: 'Put a saved world in place of this one'}), this.file);
  }

  async pytest() {
    try {
      const bases = Object.fromEntries(Object.entries(this.store.names).map(([provider, {base}]) => [provider, base]));
      const story = await readStory(this.bar.listed, bases);
      if (!story.told) say('There is no story to tell: the journal holds no request that made a record of this world. Schedule something, then copy again.', 'bad');
      else await copy(asPytest(story), `Copied as pytest: ${story.told === 1 ? '1 record' : `${story.told} records`}, ${story.steps.length} steps`);
    } catch (problem) {
      say(problem.message, 'bad');
    }
  }

  async save() {
    try {
      download(`${session.world}.json`, JSON.stringify(await get('/state')));
    } catch (problem) {
      say(problem.message, 'bad');
    }
  }

  async load() {
    const [file] = this.file.files;
    this.file.value = '';
    if (!file) return;
    const sure = await ask('Load a saved world?', `What is in “${session.world}” now goes; what is in ${file.name} takes its place.`, 'Load', null, 'danger');
    if (sure) await this.bar.act(async () => this.put(JSON.parse(await file.text().catch(() => '')), ''));
  }

  // A world of other documents or rules is taken over only when that is said.
  async put(state, how) {
    try {
      await control('PUT', `/state${how}`, state);
    } catch (problem) {
      const other = problem.status === 409 && !how && /fingerprint/.test(problem.body?.type ?? problem.body?.code ?? '');
      if (!other) throw problem;
      if (await ask('It is of another server', problem.message, 'Load it anyway', null, 'danger')) await this.put(state, '?anyway=true');
      return;
    }
    await this.store.load();
    say('Loaded');
  }
}
