/* Keys of the work list (J, K, Enter by the focused link, C, /) and Ctrl+Enter for the main form.
   `<html data-keys="off">` switches the single letters off (WCAG 2.1.4). */
const EDITABLE =
  'input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable=true], .djs-container *';

const rows = () => [...document.querySelectorAll('[data-work-list] tbody tr:has(.item)')];
const current = () => document.activeElement.closest('[data-work-list] tbody tr');

function step(by) {
  const all = rows();
  if (!all.length) return false;
  const at = all.indexOf(current());
  const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1);
  const link = all[next].querySelector('.item');
  link.focus({ preventScroll: true });
  all[next].scrollIntoView({ block: 'nearest' });
  return true;
}

function claim() {
  const button = current()?.querySelector('[name="claim"]:not(:disabled), [data-claim]:not(:disabled)');
  button?.click();
  return Boolean(button);
}

function filter() {
  const field = document.querySelector('[data-filter], form[role=search] input[type=search]');
  field?.focus();
  field?.select();
  return Boolean(field);
}

const letters = { j: () => step(1), k: () => step(-1), c: claim, '/': filter };

function submitMain(target) {
  const form = document.querySelector('form[data-main]') || target.closest('form[method=post]');
  const button =
    document.querySelector('[data-submit-form]:not(:disabled)') ||
    form?.querySelector('.button.main:not(:disabled)') ||
    form?.querySelector('[type=submit]:not(:disabled)');
  button?.click(); // a press, so that its question is asked too
  return Boolean(button);
}

export default function keyboard() {
  document.addEventListener('keydown', event => {
    if (event.defaultPrevented || event.isComposing || document.querySelector('dialog[open]')) return;
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      if (submitMain(event.target)) event.preventDefault();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || document.documentElement.dataset.keys === 'off') return;
    if (event.target.closest?.(EDITABLE)) return;
    if (letters[event.key.toLowerCase()]?.()) event.preventDefault();
  });
}
