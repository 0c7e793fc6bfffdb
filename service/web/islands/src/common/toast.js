/* A short word at the foot of the page: it goes by itself, and stays while it is pointed at or focused. */
import { el, icon } from './dom.js';

const STAY_MS = 6000;

function place() {
  const found = document.querySelector('.toasts');
  if (found) return found;
  const made = el('div', { class: 'toasts', role: 'status', 'aria-live': 'polite' });
  document.body.append(made);
  return made;
}

/** `mark` is an outline's name; `action` is {label, href} or {label, onclick}. */
export function toast(text, { mark = 'check', action } = {}) {
  const box = el(
    'div',
    { class: 'toast' },
    icon(mark),
    el('span', {}, text),
    action &&
      (action.href
        ? el('a', { href: action.href }, action.label)
        : el('button', { type: 'button', onclick: action.onclick }, action.label))
  );
  place().append(box);
  keep(box);
  return box;
}

/** Takes the box away after a while, unless someone is reading it. */
export function keep(box) {
  const busy = () => box.matches(':hover, :focus-within');
  const leave = () => (busy() ? setTimeout(leave, 1000) : box.remove());
  setTimeout(leave, STAY_MS);
}
