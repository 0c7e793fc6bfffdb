/* Where a refusal of the server belongs: a field of the form, an input of the page, a material's upload. */
import { readPointer } from './answers.js';
import { idOf } from './frame.js';
import { labelOf } from './schema.js';
import { el } from '../common/dom.js';

function listsAbove(field, registry) {
  const parent = field._parent && registry.get(field._parent);
  if (!parent) return [];
  return [...listsAbove(parent, registry), ...(parent.type === 'dynamiclist' ? [parent] : [])];
}

/** The field and its row numbers for a path of answers, or for the nearest list above it; undefined when hidden or unknown. */
function fieldAt(form, path) {
  const registry = form.get('formFieldRegistry');
  const paths = form.get('pathRegistry');
  const numbers = path.filter(part => typeof part === 'number');
  for (const field of registry.getAll()) {
    const lists = listsAbove(field, registry);
    const indexes = Object.fromEntries(lists.slice(0, numbers.length).map((list, depth) => [list.id, numbers[depth]]));
    const own = paths.getValuePath(field, { indexes });
    if (own.length && lists.length <= numbers.length && own.join('/') === path.join('/')) return { field, indexes };
  }
  return path.length > 1 ? fieldAt(form, path.slice(0, -1)) : undefined;
}

/** The words over a field, with list and row where it stands in one. */
export function nameOf(form, { field, indexes }, t) {
  const [list] = listsAbove(field, form.get('formFieldRegistry'));
  if (!list) return labelOf(field);
  return t('row', { list: labelOf(list), row: indexes[list.id] + 1, label: labelOf(field) });
}

const control = id => document.getElementById(id);

function placeOfField(form, path, t) {
  const found = fieldAt(form, path);
  if (!found) return undefined;
  const id = idOf(form, found.field, found.indexes);
  if (!control(id)) return undefined;
  return { id, label: nameOf(form, found, t), path: [found.field.id, ...Object.values(found.indexes)] };
}

function placeOfInput(input) {
  if (!input) return undefined;
  input.id ||= `f-${crypto.randomUUID()}`;
  const field = input.closest('.field');
  return { id: input.id, label: (field?.querySelector('label, .label, legend')?.textContent || '').trim(), input };
}

/** {id, label, path} for a form field, {id, label, input} for the page's own input, undefined for what is not on the page. */
export function placeOf(form, error, t) {
  if (error.material)
    return placeOfInput(
      document.querySelector(`.upload[data-material="${CSS.escape(error.material)}"] input[type=file]`)
    );
  if (!error.pointer) return undefined;
  const [root, ...path] = readPointer(error.pointer);
  if (root === 'answers' && path.length) return placeOfField(form, path, t);
  return placeOfInput(document.querySelector(`[name="${CSS.escape([root, ...path].join('.'))}"]`));
}

/** Marks an input of the page that form-js does not own; the mark goes with the next change. */
export function markInput(input, message) {
  const field = input.closest('.field');
  if (!field) return;
  const id = `${input.id}-e`;
  document.getElementById(id)?.remove();
  field.classList.add('wrong');
  field.append(el('span', { class: 'error-text', id }, message));
  input.setAttribute('aria-invalid', 'true');
  input.setAttribute('aria-describedby', id);
  input.addEventListener('input', () => unmarkInput(input), { once: true });
}

export function unmarkInput(input) {
  input.closest('.field')?.classList.remove('wrong');
  document.getElementById(`${input.id}-e`)?.remove();
  input.removeAttribute('aria-invalid');
}
