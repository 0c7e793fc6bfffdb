/* Modal dialogs in the look of `.dialog`; the browser keeps the focus inside and gives it back. */
import { el } from './dom.js';
import { speaking } from './lang.js';
import words from './words.js';

let count = 0;

/** Opens a dialog of `parts`; resolves with its return value, '' when it was left. */
export function openDialog({ title, parts, full = false, onopen }) {
  const id = `mj-dialog-${(count += 1)}`;
  const dialog = el(
    'dialog',
    { class: full ? 'dialog full' : 'dialog', 'aria-labelledby': id },
    el('h3', { id }, title),
    ...parts
  );
  document.body.append(dialog);
  dialog.showModal();
  onopen?.(dialog);
  return new Promise(done =>
    dialog.addEventListener('close', () => {
      dialog.remove();
      done(dialog.returnValue);
    })
  );
}

/** The row of buttons: one that agrees, one that leaves. `grave` draws the first in red. */
export function answers({ word, grave = false, leave }) {
  const t = speaking(words);
  return el(
    'form',
    { method: 'dialog', class: 'actions' },
    el('button', { class: grave ? 'button grave' : 'button main', value: 'yes' }, word || t('confirm')),
    el('button', { class: 'button', value: '', formnovalidate: true }, leave || t('cancel'))
  );
}

/** Asks; true when the person agrees. */
export async function ask({ title, text, word, grave, parts = [] }) {
  const t = speaking(words);
  const body = text ? [el('p', {}, text)] : [];
  return (
    (await openDialog({ title: title || t('confirm_title'), parts: [...body, ...parts, answers({ word, grave })] })) ===
    'yes'
  );
}
