/* The summary of what is wrong, at the head of the form: each line leads to its field. */
import { el } from '../common/dom.js';

const titleOf = document.title;

/** Focus on a control; a group gives it to its first control that can take it. */
export function goTo(id) {
  const target = document.getElementById(id);
  if (!target) return;
  const inner = target.matches('fieldset, .form-list')
    ? target.querySelector('input:not([type=hidden]), textarea, select, button')
    : target;
  (inner || target).focus({ preventScroll: true });
  (target.closest('.field') || target).scrollIntoView({ block: 'center' });
}

const sentence = ({ label, message }, t) =>
  label && !message.includes(label) ? t('labelled', { label, message }) : message;

function line(item, t) {
  if (!item.id) return el('li', {}, sentence(item, t));
  return el(
    'li',
    {},
    el(
      'a',
      {
        href: `#${item.id}`,
        onclick: event => {
          event.preventDefault();
          goTo(item.id);
        }
      },
      sentence(item, t)
    )
  );
}

/** Draws the items [{id?, label?, message}]; an empty list takes the summary away. `note` stands below. */
export function showSummary(place, items, t, { title, note } = {}) {
  place.replaceChildren();
  document.title = titleOf;
  if (!items.length && !title) return;
  const words = title || (items.length === 1 ? t('summary_one') : t('summary_many', { count: items.length }));
  const id = `${place.id || 'mj-summary'}-title`;
  place.append(
    el(
      'div',
      { class: 'summary', role: 'alert', tabindex: -1, 'aria-labelledby': id },
      el('h2', { id }, words),
      items.length &&
        el(
          'ul',
          {},
          items.map(item => line(item, t))
        ),
      note && el('p', { class: 'small muted' }, note)
    )
  );
  document.title = `${words} · ${titleOf}`;
}
