/* Small services of a page: copy, larger text, bulk picks, one sending per form, the navigation of the phone. */
import { el } from '../common/dom.js';
import { speaking } from '../common/lang.js';
import { toast, keep } from '../common/toast.js';
import words from './words.js';

const YEAR_SECONDS = 365 * 24 * 3600;

/** `data-copy="text"`, or `data-copy="#id"` for the text of an element. */
export function copy() {
  const t = speaking(words);
  document.addEventListener('click', async event => {
    const button = event.target.closest?.('[data-copy]');
    if (!button) return;
    const wanted = button.dataset.copy;
    const text = wanted.startsWith('#') ? document.querySelector(wanted).textContent.trim() : wanted;
    try {
      await navigator.clipboard.writeText(text);
      toast(t('copied'));
    } catch {
      toast(t('copy_failed'), { mark: 'alert' });
    }
  });
}

/** `data-elder-toggle`: html[data-elder], remembered in the cookie `elder` (1), which the server reads too. */
export function elder() {
  const t = speaking(words);
  const root = document.documentElement;
  const show = button => {
    if (button.matches('a')) button.setAttribute('role', 'button'); // with scripts the link is a switch
    button.setAttribute('aria-pressed', String('elder' in root.dataset));
  };
  document.querySelectorAll('[data-elder-toggle]').forEach(show);
  document.addEventListener('click', event => {
    const button = event.target.closest?.('[data-elder-toggle]');
    if (!button) return;
    event.preventDefault();
    root.toggleAttribute('data-elder');
    const on = 'elder' in root.dataset;
    document.cookie = `elder=${on ? 1 : ''}; path=/; max-age=${on ? YEAR_SECONDS : 0}; samesite=lax`;
    show(button);
    toast(t(on ? 'elder_on' : 'elder_off'));
  });
  document.addEventListener('keydown', event => {
    if (event.key !== ' ' || !event.target.matches?.('a[data-elder-toggle]')) return;
    event.preventDefault();
    event.target.click();
  });
}

/** `.bulk` with `data-picked`: the count of ticked `.pick`; its buttons sleep while nothing is ticked. */
export function picks() {
  const t = speaking(words);
  const refresh = form => {
    const count = form.querySelectorAll('.pick:checked').length;
    const place = form.querySelector('[data-picked]');
    if (!place) return;
    place.textContent = t('picked', { count });
    form.querySelectorAll('.bulk button').forEach(button => {
      button.disabled = !count;
    });
  };
  document.querySelectorAll('form:has(.bulk)').forEach(refresh);
  document.addEventListener('change', event => {
    if (event.target.matches('.pick')) refresh(event.target.form);
  });
}

/** A form is sent once: its button turns busy, a second press does nothing. */
export function once() {
  document.addEventListener('submit', event => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== 'post' || form.target === '_blank') return;
    if (form.dataset.sending) {
      event.preventDefault();
      return;
    }
    form.dataset.sending = '1';
    event.submitter?.setAttribute('aria-busy', 'true');
  });
  window.addEventListener('pageshow', () =>
    document.querySelectorAll('form[data-sending]').forEach(form => {
      delete form.dataset.sending;
      form.querySelectorAll('[aria-busy]').forEach(button => button.removeAttribute('aria-busy'));
    })
  );
}

/** The popover navigation leaves when a link in it is followed or the page grows wide. */
export function navigation() {
  const nav = document.querySelector('.top-nav[popover]');
  if (!nav) return;
  nav.addEventListener('click', event => {
    if (event.target.closest('a') && nav.matches(':popover-open')) nav.hidePopover();
  });
  window.matchMedia('(min-width: 1120.02px)').addEventListener('change', () => {
    if (nav.matches(':popover-open')) nav.hidePopover();
  });
}

/** `mj:toast` from anywhere; a `.toast[data-fade]` of the server leaves by itself. */
export function toasts() {
  document.addEventListener('mj:toast', event => toast(event.detail.text, event.detail));
  const served = document.querySelectorAll('.toast[data-fade]');
  if (!served.length) return;
  const place = el('div', { class: 'toasts', role: 'status' });
  document.body.append(place);
  served.forEach(box => {
    place.append(box);
    keep(box);
  });
}
