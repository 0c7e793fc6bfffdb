/* Words of what is left, minute by minute: `data-due="instant"`. From a day upwards the server's words stand (working days). */
import { announce } from '../common/dom.js';
import { speaking } from '../common/lang.js';
import words from './words.js';

const EVERY_MS = 5000;
const DAY_MINUTES = 24 * 60;

const served = document.querySelector('meta[name="mj-now"]')?.content;
const offset = served ? Date.parse(served) - Date.now() : 0;

/** The server's clock, as far as the page knows it, in ms. */
export const now = () => Date.now() + offset;

function wordsLeft(ms, t) {
  const minutes = Math.ceil(ms / 60000);
  if (ms < 60000) return t('under_a_minute');
  return minutes < 60
    ? t('minutes_left', { minutes })
    : t('hours_left', { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
}

function refresh(node, t) {
  const left = Date.parse(node.dataset.due) - now();
  if (left > DAY_MINUTES * 60000) return;
  const text = left > 0 ? wordsLeft(left, t) : node.dataset.duePast || t('passed');
  if (node.textContent !== text) node.textContent = text;
  if (left <= 0 && !node.dataset.dueDone) {
    node.dataset.dueDone = '1';
    announce(node, 'due', { due: node.dataset.due });
  }
}

export default function clock() {
  const t = speaking(words);
  const all = () => document.querySelectorAll('[data-due]').forEach(node => refresh(node, t));
  all();
  setInterval(all, EVERY_MS);
}
