// Reading of everything that a world holds, page by page.

import {get, query} from './api.js';

export const PAGE = 1000; // rows, the most that one answer has
const PAGES = 30;

export async function readResources(world) {
  const found = [];
  for (let page = 0; page < PAGES; page += 1) {
    const {total, resources} = await get(`/resources${query({limit: PAGE, offset: found.length})}`, world);
    found.push(...resources);
    if (found.length >= total || !resources.length) break;
  }
  return found;
}

// The latest come first; rows of the instant where a page ends come again with the page before it.
export async function readTransitions(world) {
  let found = [];
  for (let page = 0, to; page < PAGES; page += 1) {
    const {transitions} = await get(`/timeline${query({limit: PAGE, to})}`, world);
    found = [...transitions, ...found.filter(transition => transition.at !== to)];
    if (transitions.length < PAGE || transitions[0].at === to) break;
    to = transitions[0].at;
  }
  return found;
}

export const readWebhooks = async () => (await get(`/webhooks${query({limit: PAGE})}`)).webhooks;

// What is planned up to a horizon, and up to where that is all of it: {to, transitions}.
export async function readPlanned(horizon, world) {
  const {planned_to: to, transitions} = await get(`/timeline${query({state: 'planned', horizon, limit: PAGE})}`, world);
  return {to, transitions};
}
