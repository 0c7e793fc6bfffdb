/* Where a diagram under work is kept: a draft on this machine, a file that is downloaded, a file that is read. */
import { el } from '../common/dom.js';

const keyOf = key => `mj-diagram:${key}`;
const LARGEST_FILE = 2 * 1024 * 1024;

/** {xml, version, saved_at}, or undefined when there is none or it cannot be read. */
export function readDraft(key) {
  try {
    return JSON.parse(localStorage.getItem(keyOf(key))) || undefined;
  } catch {
    return undefined;
  }
}

/** Throws when the browser has no room. */
export function writeDraft(key, xml, version) {
  const draft = { xml, version, saved_at: new Date().toISOString() };
  localStorage.setItem(keyOf(key), JSON.stringify(draft));
  return draft;
}

export const dropDraft = key => localStorage.removeItem(keyOf(key));

export function download(xml, name) {
  const address = URL.createObjectURL(new Blob([xml], { type: 'application/bpmn20-xml' }));
  el('a', { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

/** Lets the person choose a file; {name, xml}, or undefined. */
export function pickFile() {
  return new Promise((done, fail) => {
    const input = el('input', {
      type: 'file',
      accept: '.bpmn,.xml,application/xml',
      class: 'sr',
      'aria-hidden': 'true',
      tabindex: -1
    });
    document.body.append(input);
    const finish = result => {
      input.remove();
      done(result);
    };
    input.addEventListener('cancel', () => finish(undefined));
    input.addEventListener('change', () => {
      const [file] = input.files;
      if (!file) {
        finish(undefined);
        return;
      }
      if (file.size > LARGEST_FILE) {
        input.remove();
        fail(new Error(`${Math.round(file.size / 1024)} kB > ${LARGEST_FILE / 1024} kB`));
        return;
      }
      file.text().then(xml => finish({ name: file.name, xml }), fail);
    });
    input.click();
  });
}
